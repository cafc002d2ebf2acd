/**
 * An empty notebook page with scripts at their paths; what else it asks of the network is refused and complained of.
 * @param {import("playwright-core").Page} page
 * @param {Readonly<Record<string, string>>} scripts by path, e.g. "/renderer.js"
 * @param {(url: string) => void} complain
 */
export async function servePage(page, scripts, complain) {
  await page.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    if (Object.hasOwn(scripts, pathname))
      return route.fulfill({ contentType: "text/javascript", body: scripts[pathname] });
    if (pathname === "/")
      return route.fulfill({ contentType: "text/html", body: "<!doctype html><body><div id=output></div>" });
    complain(route.request().url());
    return route.abort();
  });
  await page.goto("http://notebook.invalid/");
}
