import { expect, test } from "vitest";
import { addressesIn, markdown } from "../../../src/cli/report/markdown.js";
import { pathIn } from "../../../src/cli/report/pathIn.js";

const show = (source: string): string =>
  markdown(source, (address) =>
    address === "a.png" ? { data: "data:image/png;base64,AA==" } : { missing: `no ${address}` },
  );

test("shows headings, tables, quotes, lists, code, links and pictures", () => {
  expect(
    show(
      "# Title\n\n| a | b |\n|---|--:|\n| 1 | **2** |\n\n> quoted `x<y`\n\n1. one\n   - in *it*\n\n```ts\nconst a = 1 < 2;\n```\n\n[to](https://x.invalid/?a&b) ![p](a.png)\n\n---\n~~old~~",
    ),
  ).toBe(`<h1>Title</h1>
<table>
<thead>
<tr>
<th>a</th>
<th style="text-align:right">b</th>
</tr>
</thead>
<tbody>
<tr>
<td>1</td>
<td style="text-align:right"><strong>2</strong></td>
</tr>
</tbody>
</table>
<blockquote>
<p>quoted <code>x&lt;y</code></p>
</blockquote>
<ol>
<li>one
<ul>
<li>in <em>it</em></li>
</ul>
</li>
</ol>
<pre><code class="language-ts">const a = 1 &lt; 2;
</code></pre>
<p><a href="https://x.invalid/?a&amp;b" rel="noopener noreferrer">to</a> <img src="data:image/png;base64,AA==" alt="p"></p>
<hr>
<p><s>old</s></p>
`);
});

test("a picture that is not there is told of in its place", () => {
  expect(show("![the <b>plot](b.png)")).toBe(
    '<p><span class="missing">[the &lt;b&gt;plot: no b.png]</span></p>\n',
  );
});

test.each([
  "<script>hit()</script>",
  "<img src=x onerror=hit()>",
  "text <svg onload=hit()> and <iframe srcdoc='<script>hit()</script>'>",
  "[x](javascript:hit()) [x](JaVaScRiPt&colon;hit()) [x](vbscript:hit()) [x](data:text/html,<script>hit()</script>) [x](file:///etc/passwd)",
  "<javascript:hit()> [x]: javascript:hit()",
  '[x](https://a.invalid/"onmouseover="hit()) ![x](a.png "\\" onerror=\\"hit()")',
  '![x](javascript:hit()) !["><script>hit()</script>](b.png) ![x](http://evil.invalid/pixel.png) ![x](//evil.invalid/pixel.png)',
  '```"><script>hit()</script>\nx\n```',
  "| <script>hit()</script> |\n|---|\n| <img src=x onerror=hit()> |",
])("%j runs and loads nothing", (source) => {
  const html = show(source);
  // What is left of tags: their names and attributes, with every value taken out.
  const tags = [...html.matchAll(/<[a-z][^\s>]*((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/gi)];
  const attributes = tags.flatMap(([, all = ""]) => [...all.matchAll(/([a-z-]+)="([^"]*)"/gi)]);
  expect(
    html.replace(/<\/?(?:p|a|img|span|pre|code|table|thead|tbody|tr|th|td)(?:\s+[a-z-]+="[^"]*")*>/g, ""),
  ).not.toMatch(/[<>]/);
  for (const [, name, value] of attributes) {
    expect(["href", "src", "alt", "title", "class", "rel", "style"]).toContain(name);
    if (name === "href") expect(value).toMatch(/^https?:/);
    if (name === "src") expect(value).toMatch(/^data:image\/png;base64,/);
  }
});

test("the files that a cell names are found, the network's are not", () => {
  const source =
    "![a](my%20plot.png?raw#top) [b](<data/table 1.csv>) [c]\n\n[c]: ../x.md\n\n![d](https://x.invalid/y.png) ![e](//x/y.png) [f](#here)";
  expect(addressesIn(source).map(pathIn)).toEqual([
    "my plot.png",
    "data/table 1.csv",
    "../x.md",
    undefined,
    undefined,
    "",
  ]);
});
