import assert from "node:assert/strict";
import * as vscode from "vscode";

/** Without this, suites about untrusted workspaces could pass in a trusted one. */
suite("Harness, untrusted", () => {
  test("the workspace of this run is not trusted", () => {
    assert.equal(vscode.workspace.isTrusted, false);
  });
});
