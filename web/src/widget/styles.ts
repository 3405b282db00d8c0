// The widget's own styles, which no page can change and no page's policy can refuse.

import panel from "../view/panel.css";
import widget from "./widget.css";

export function style(root: ShadowRoot): void {
  const text = `${widget}\n${panel}`;
  try {
    // A sheet made by script needs no `unsafe-inline` in the page's policy.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const element = document.createElement("style");
    element.textContent = text;
    root.append(element);
  }
}
