// Builds the page and the widget into dist/, each file also compressed, and holds them to their size.

import { copyFile, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

/** Bytes, compressed: what a visitor of somebody's site is asked to load. */
const LARGEST_WIDGET = 170 * 1000;

const here = (path) => new URL(path, import.meta.url).pathname;

const shared = {
  bundle: true,
  minify: true,
  legalComments: "none",
  target: ["chrome100", "firefox100", "safari15.4"],
  plugins: [small()],
  logLevel: "warning",
};

/** Style sheets within scripts, without what only people read. */
function small() {
  const setup = (building) =>
    building.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  return { name: "small", setup };
}

await Promise.all([
  build({ ...shared, entryPoints: [here("src/page/page.ts")], format: "iife", outfile: here("dist/page.js") }),
  build({ ...shared, entryPoints: [here("src/widget/widget.ts")], format: "iife", outfile: here("dist/widget.js") }),
  build({
    ...shared,
    entryPoints: [here("src/page/page.css")],
    plugins: [],
    outfile: here("dist/page.css"),
  }),
  copyFile(here("src/page/index.html"), here("dist/index.html")),
]);

for (const name of ["page.js", "widget.js", "page.css"]) {
  const plain = await readFile(here(`dist/${name}`));
  const gzip = gzipSync(plain, { level: 9 });
  await writeFile(here(`dist/${name}.gz`), gzip);
  console.log(`${name}: ${plain.length} bytes, ${gzip.length} compressed`);
  if (name === "widget.js" && gzip.length > LARGEST_WIDGET) {
    console.error(`the widget is larger than ${LARGEST_WIDGET} bytes`);
    process.exitCode = 1;
  }
}
