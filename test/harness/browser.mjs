// The browser that shows VS Code: CHROMIUM if set, an installed Chrome or Chromium, else the one that npm carries.
import { existsSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { cached } from "./cache.mjs";

export async function launchBrowser() {
  const { executablePath, env } = installedBrowser() ?? (await browserFromNpm());
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
  args.push("--disable-background-networking", "--disable-component-update", "--font-render-hinting=none");
  return chromium.launch({ executablePath, env: { ...process.env, ...env }, args });
}

function installedBrowser() {
  if (process.env.CHROMIUM) {
    if (!existsSync(process.env.CHROMIUM))
      throw new Error(`CHROMIUM names ${process.env.CHROMIUM}, which is not there.`);
    return { executablePath: process.env.CHROMIUM };
  }
  const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
  const candidates =
    {
      darwin: [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
      ],
      win32: [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
        .filter(Boolean)
        .map((folder) => join(folder, "Google/Chrome/Application/chrome.exe")),
    }[process.platform] ??
    (process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const executablePath = candidates.find((path) => existsSync(path));
  return executablePath && { executablePath };
}

/**
 * The folder of `@sparticuz/chromium`, unpacked: `chromium`, the shared libraries that it needs in `al2023/lib`, and SwiftShader, a Vulkan
 * on the CPU (`libvulkan.so.1`, `vk_swiftshader_icd.json`), with which the WebGPU path is tested too.
 */
export async function chromiumFolder() {
  if (`${process.platform}-${process.arch}` !== "linux-x64")
    throw new Error("No Chrome or Chromium found. Install one, or name it in CHROMIUM.");
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const { version } = createRequire(import.meta.url)(join(entry, "../../package.json"));
  return cached(`chromium-${version}`, async (folder) => {
    // In a process of its own: the package unpacks into the temporary folder of the process that asks, and changes its environment.
    const script = `await (await import(${JSON.stringify(pathToFileURL(entry).href)})).default.executablePath()`;
    const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x" };
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
  });
}

async function browserFromNpm() {
  const folder = await chromiumFolder();
  const fonts = join(folder, "fonts/diffusion-notebook.conf");
  // The package's own list of fonts names folders of the system that it was made for.
  const folders = ["/usr/share/fonts", "/usr/local/share/fonts", join(folder, "fonts")];
  if (!existsSync(fonts))
    writeFileSync(
      fonts,
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders.map((path) => `<dir>${path}</dir>`).join("")}` +
        `<cachedir>${join(folder, "fonts-cache")}</cachedir></fontconfig>`,
    );
  const libraries = [join(folder, "al2023/lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    executablePath: join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts },
  };
}
