// The browser that shows VS Code: CHROMIUM if set, an installed Chrome or Chromium, else the one that npm carries.
import { existsSync, writeFileSync } from "node:fs";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { basename, delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { cached, cacheFolder, npmInstall } from "./cache.mjs";

const FONTS = "dejavu-fonts-ttf@2.37.3";

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
  const fonts = await fontsFromNpm(folder);
  const libraries = [join(folder, "al2023/lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  const env = { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts };
  return { executablePath: join(folder, "chromium"), env };
}

/** That browser brings one proportional font, and a bare machine has none: code would not look like code in screenshots. */
async function fontsFromNpm(browser) {
  const name = `typefaces-${basename(browser)}-${FONTS.replace("@", "-")}`;
  // Fontconfig takes a relative folder of its cache for one under the working directory, which here is the repository.
  const cache = join(cacheFolder(), name, "cache");
  const folder = await cached(name, async (folder) => {
    writeFileSync(join(folder, "package.json"), "{}");
    await npmInstall(folder, FONTS);
    const family = (generic, font) =>
      `<alias><family>${generic}</family><prefer><family>${font}</family></prefer></alias>`;
    writeFileSync(
      join(folder, "fonts.conf"),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>` +
        `<dir prefix="relative">node_modules</dir><dir prefix="relative">../${basename(browser)}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${cache}</cachedir>` +
        `${family("monospace", "DejaVu Sans Mono")}${["system-ui", "sans-serif"].map((generic) => family(generic, "Open Sans")).join("")}</fontconfig>`,
    );
  });
  return join(folder, "fonts.conf");
}
