// The widget's own styles, which no page can change and no page's policy can refuse.

import panel from "../view/panel.css";
import widget from "./widget.css";

/** `rem` is the page's to choose, and some choose oddly. */
const REM = /(\d*\.?\d+)rem\b/g;

export function style(root: ShadowRoot): void {
  const text = `${widget}\n${panel}`.replace(REM, (_, count: string) => `${Number(count) * 16}px`);
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
