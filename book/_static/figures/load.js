/* Draws the interactive figures of a page. This file is part of pages that have one, and the
   plotting library is fetched when the first comes near the screen. */
const here = new URL(".", import.meta.url);
let library;

function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = new URL(path, here);
    element.onload = resolve;
    element.onerror = () => reject(new Error(`could not load ${path}`));
    document.head.append(element);
  });
}

/* Observable Plot expects D3 before it. */
function plotting() {
  library ??= script("../vendor/d3/d3.min.js").then(() => script("../vendor/plot/plot.umd.min.js"));
  return library;
}

async function start(root) {
  const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  try {
    const [kit, figure] = await Promise.all([
      import(new URL("kit.js", here)),
      import(new URL(`${root.dataset.figure}.js`, here)),
      plotting(),
    ]);
    figure.default(kit.stage(root), data);
  } catch (error) {
    // The still figure stays; the reader loses nothing but the controls.
    root.dataset.state = "failed";
    console.error(`figure ${root.dataset.figure}:`, error);
    return;
  }
  root.querySelector(".qml-figure-note").remove();
  root.closest(".cell_output")?.querySelectorAll("img").forEach((img) => {
    img.classList.add("qml-figure-still");
  });
  root.dataset.state = "ready";
}

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      near.unobserve(entry.target);
      start(entry.target);
    }
  },
  { rootMargin: "800px" },
);
document.querySelectorAll("[data-figure]").forEach((root) => near.observe(root));
