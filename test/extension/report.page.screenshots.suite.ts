import * as vscode from "vscode";
import { makeReport } from "../webview/fixtures/reports.js";
import { textOf, write } from "./notebooks.js";
import { page } from "./page.js";

const themes = [
  { name: "light", setting: "Default Light Modern", kind: "vs" },
  { name: "dark", setting: "Default Dark Modern", kind: "vs-dark" },
  { name: "high-contrast", setting: "Default High Contrast", kind: "hc-black" },
  { name: "high-contrast-light", setting: "Default High Contrast Light", kind: "hc-light" },
];

/** A saved report, shown without a kernel, into screenshots/. */
suite("Screenshots of a report", function () {
  this.timeout(120_000);

  test("in four themes", async () => {
    await page.resize(1400, 1000);
    const file = JSON.parse(textOf([{ id: "r3p0rt", source: "report" }]));
    file.cells[0].outputs = [
      { items: [{ mime: "application/vnd.dnb.report+json", json: makeReport({ seconds: [1, 2, 4, 8] }) }] },
    ];
    const uri = await write("report.dnb", JSON.stringify(file));
    await vscode.commands.executeCommand("vscode.open", uri);
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await page.webview.waitFor(".report-table");
    for (const theme of themes) {
      await vscode.workspace
        .getConfiguration("workbench")
        .update("colorTheme", theme.setting, vscode.ConfigurationTarget.Global);
      await page.workbench.waitFor(`.monaco-workbench.${theme.kind}`);
      await new Promise((done) => setTimeout(done, 1500));
      await page.screenshot(`report-vscode-${theme.name}`);
    }
  });
});
