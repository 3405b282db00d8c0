// Somebody's website, which knows nothing of Patchbay but one script tag.

import { once } from "node:events";
import { createServer } from "node:http";

/** As rude as a style sheet can be. */
const HOSTILE = `
  html { font-size: 31px !important; }
  * { color: red !important; font: 30px/3 cursive !important; text-transform: uppercase !important;
      border: 3px dashed lime !important; letter-spacing: 9px !important; }
  patchbay-widget { display: none !important; position: static !important; transform: rotate(20deg) !important;
                    opacity: 0.2 !important; width: 3px !important; }
  button, p, section, div, ol { display: none !important; }
`;

/** Opens the site's door; what it shows is said by `shows`. */
export async function startSite() {
  let shown = { page: "", policy: "" };
  const server = createServer((request, response) => {
    if (request.url === "/hostile.css") {
      response.writeHead(200, { "content-type": "text/css" }).end(HOSTILE);
    } else {
      const policy = shown.policy && { "content-security-policy": shown.policy };
      const headers = { "content-type": "text/html", ...policy };
      response.writeHead(200, headers).end(shown.page);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://localhost:${server.address().port}`,
    shows({ patchbay, livekit, attributes }) {
      const page =
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>A shop</title>` +
        `<link rel="icon" href="data:,"><link rel="stylesheet" href="/hostile.css"><h1>A shop</h1>` +
        `<script src="${patchbay}/widget.js"></script><patchbay-widget ${attributes}></patchbay-widget></html>`;
      const policy =
        `default-src 'none'; style-src 'self'; img-src data:; script-src ${patchbay}; ` +
        `connect-src ${patchbay} ${livekit} ${livekit.replace("ws", "http")}`;
      shown = { page, policy };
    },
    /** Shows a page as it is. */
    serves(page) {
      shown = { page, policy: "" };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
