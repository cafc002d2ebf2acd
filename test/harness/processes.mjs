// Ends what this harness started, and nothing else.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** SIGTERM would let VS Code's server wait half a minute for its sockets. */
export function endGroup(child) {
  if (!child.pid || child.exitCode !== null) return;
  try {
    if (process.platform === "win32")
      execFileSync("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" });
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
}

/**
 * Ends the processes that left the group but carry this variable in their environment (a kernel may outlive its window), and returns their
 * commands. Linux only: elsewhere such a kernel ends by its own idle time-out.
 */
export function endAllWith(name, value) {
  if (process.platform !== "linux") return [];
  const mark = `${name}=${value}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      try {
        if (!readFileSync(`/proc/${entry}/environ`, "utf8").split("\0").includes(mark)) return [];
        const command = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0").join(" ").trim();
        process.kill(Number(entry), "SIGKILL");
        return [command];
      } catch {
        return []; // ended between the two looks, or not ours
      }
    });
}
