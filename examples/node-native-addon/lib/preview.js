"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { stripVTControlCharacters } = require("node:util");

const pty = require("node-pty");

const folder = path.join(__dirname, "..", "demos");
const LONGEST = 5000;

/** The names of the console programs that can be shown. */
function demos() {
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".js"))
    .map((file) => path.basename(file, ".js"));
}

/** What a program prints in a terminal this wide: it would print something else into a pipe. */
function preview(name, columns) {
  return new Promise((resolve, reject) => {
    const terminal = pty.spawn(process.execPath, [path.join(folder, `${name}.js`)], {
      name: "xterm-256color",
      cols: columns,
      rows: 40,
      cwd: folder,
      env: { TERM: "xterm-256color" },
    });
    const limit = setTimeout(() => terminal.kill("SIGKILL"), LONGEST);
    let text = "";
    terminal.onData((data) => (text += data));
    terminal.onExit(({ exitCode, signal }) => {
      clearTimeout(limit);
      if (exitCode !== 0 || signal) return reject(new Error(`${name} ended with ${signal || exitCode}`));
      resolve(stripVTControlCharacters(text).replaceAll("\r\n", "\n"));
    });
  });
}

module.exports = { demos, preview };
