// Prints, as JSON, the official parser's errors for each document that is named.
const fs = require("fs");
const { Parser } = require("@asyncapi/parser");

async function main(paths) {
  const found = {};
  const parser = new Parser();
  for (const path of paths) {
    const { diagnostics } = await parser.parse(fs.readFileSync(path, "utf-8"), {
      source: path,
    });
    const errors = diagnostics.filter((each) => each.severity === 0);
    found[path] = errors.map((each) => `${each.path.join("/")}: ${each.message}`);
  }
  process.stdout.write(JSON.stringify(found));
}

main(process.argv.slice(2));
