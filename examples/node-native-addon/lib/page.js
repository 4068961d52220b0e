"use strict";

/** A page with a link for each program and width. */
function page(names, widths) {
  const rows = names.map((name) => {
    const links = widths.map((width) => `<a href="/preview/${name}?width=${width}">${width}</a>`);
    return `<li>${name}: ${links.join(" ")}</li>`;
  });
  return {
    type: "text/html",
    body: `<!doctype html><title>Terminal preview</title><h1>Terminal preview</h1><ul>${rows.join("")}</ul>`,
  };
}

module.exports = { page };
