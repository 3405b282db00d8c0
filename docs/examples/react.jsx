// A shop in React, with the widget and a function that the agent may call. Any bundler that knows JSX takes it.

import { useCallback, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const SERVER = "http://localhost:8080";

const PRODUCTS = { comb: "A comb of horn, 24 francs", brush: "A brush with a handle of pear wood, 31 francs" };

/** Loads the widget once, offers the agent `tools`, and passes on what becomes of a call to a human. */
function Voice({ publishableKey, tools, onEscalation }) {
  const element = useRef(null);

  useEffect(() => {
    const src = `${SERVER}/widget.js`;
    if (document.querySelector(`script[src="${src}"]`)) return;
    document.head.append(Object.assign(document.createElement("script"), { src }));
  }, []);

  useEffect(() => {
    const widget = element.current;
    let gone = false;
    customElements.whenDefined("patchbay-widget").then(() => {
      if (!gone) for (const tool of tools) widget.registerTool(tool);
    });
    return () => {
      gone = true;
      if (widget.unregisterTool) for (const { name } of tools) widget.unregisterTool(name);
    };
  }, [tools]);

  useEffect(() => {
    const widget = element.current;
    const told = ({ detail }) => onEscalation(detail);
    widget.addEventListener("patchbay:escalation", told);
    return () => widget.removeEventListener("patchbay:escalation", told);
  }, [onEscalation]);

  return <patchbay-widget ref={element} server={SERVER} publishable-key={publishableKey} />;
}

function Shop() {
  const [shown, show] = useState(null);
  const [human, setHuman] = useState(null);
  const follow = useCallback(({ state, contact }) => setHuman(state === "connected" ? contact : null), []);
  const [tools] = useState(() => [
    {
      name: "showProduct",
      description: "Shows a product on the page. Use it when the visitor asks for one.",
      parameters: {
        type: "object",
        properties: { product: { type: "string", enum: Object.keys(PRODUCTS) } },
        required: ["product"],
      },
      run: ({ product }) => {
        if (!Object.hasOwn(PRODUCTS, product)) throw new Error("there is no such product");
        show(product);
        return { shown: PRODUCTS[product] };
      },
    },
  ]);

  return (
    <main>
      <h1>A shop</h1>
      <ul>
        {Object.entries(PRODUCTS).map(([id, text]) => (
          <li key={id}>{id === shown ? <strong>{text}</strong> : text}</li>
        ))}
      </ul>
      {human && <p role="status">You speak with {human}.</p>}
      <Voice publishableKey="" tools={tools} onEscalation={follow} />
    </main>
  );
}

createRoot(document.getElementById("shop")).render(<Shop />);
