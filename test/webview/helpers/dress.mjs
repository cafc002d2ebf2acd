/**
 * Puts a theme's class and colours on a page, as VS Code does around a renderer.
 * @param {import("playwright-core").Page} page
 * @param {{ body: string, variables: Readonly<Record<string, string>> }} theme
 */
export async function dress(page, theme) {
  await page.evaluate(({ body, variables }) => {
    document.body.className = body;
    for (const [name, value] of Object.entries(variables))
      document.documentElement.style.setProperty(name, value);
    document.body.style.background = "var(--vscode-editor-background)";
  }, theme);
}
