// Fills one docx with docxtemplater, once for each line on stdin, and answers with the nanoseconds it took.
//   node fill.js template.docx context.json out.docx
// Every document is made as docxtemplater's users make it: unzip, compile, render, zip.
"use strict";

const fs = require("node:fs");
const readline = require("node:readline");
const PizZip = require("pizzip");
const Docxtemplater = require("docxtemplater");

const [templatePath, contextPath, outPath] = process.argv.slice(2);
const template = fs.readFileSync(templatePath);
const context = JSON.parse(fs.readFileSync(contextPath, "utf8"));

// Tags of ours: a.b['c'], `x or 'default'`, and for sections `?x`, `?not x`, `?x and y`.
function parser(tag) {
  const text = tag.trim();
  if (text.startsWith("?")) {
    const tests = text.slice(1).split(/ and /).map(test);
    return { get: (scope, meta) => tests.every((check) => check(meta.scopeList)) };
  }
  const [path, ...rest] = text.split(" or ");
  const fallback = rest.length ? rest.join(" or ").trim().slice(1, -1) : "";
  const find = lookup(path);
  return { get: (scope, meta) => find(meta.scopeList) || fallback };
}

function test(text) {
  const negated = text.trim().startsWith("not ");
  const find = lookup(negated ? text.trim().slice(4) : text);
  return (scopes) => Boolean(find(scopes)) !== negated;
}

function lookup(path) {
  const keys = path.trim().split(/\.|\['|'\]/).filter(Boolean);
  return (scopes) => {
    for (let at = scopes.length - 1; at >= 0; at -= 1) {
      if (scopes[at] && typeof scopes[at] === "object" && keys[0] in scopes[at]) {
        return keys.reduce((value, key) => (value == null ? value : value[key]), scopes[at]);
      }
    }
    throw new Error(`no such name: ${path}`);
  };
}

function fill() {
  const document = new Docxtemplater(new PizZip(template), {
    delimiters: { start: "{{", end: "}}" },
    paragraphLoop: true,
    linebreaks: true,
    parser,
  });
  document.render(context);
  return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
}

fs.writeFileSync(outPath, fill());
console.log("ready");
readline.createInterface({ input: process.stdin }).on("line", () => {
  const start = process.hrtime.bigint();
  fill();
  console.log(String(process.hrtime.bigint() - start));
});
