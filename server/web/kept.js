// What each stage keeps of an image, and the slider of λ.
import { about, api, byId, el, fixed, named, pixels, state } from "./dom.js";

export const defaultLambda = 0.1;
const names = { means: "brightness alone", codes: "codes", betas: "embedded patches", cells: "cells" };

let asking = null; // the last request: an inversion takes the server a while
// leaveKept gives up what is still being asked for, and the server does so too.
export function leaveKept() {
  asking?.abort();
  asking = null;
}

// showKept shows the image at λ, and says what that comes to.
export async function showKept(image, current, say) {
  const line = byId("kept-line"), what = named(state.image, image.class), lambda = state.lambda || defaultLambda;
  byId("kept-body").hidden = !!about.not_inverted;
  if (about.not_inverted) { line.textContent = `Images are not brought back here, as it would take too long: ${about.not_inverted}.`; return; }
  byId("lambda").value = lambda;
  byId("lambda-value").textContent = fixed(lambda, 2);
  const own = asking = new AbortController();
  const { levels } = await api(`images/${state.image}/kept?lambda=${lambda}`, { signal: own.signal });
  const pictures = await Promise.all(levels.map(k => createImageBitmap(bytes(k.png))));
  if (!current()) return;
  const percent = share => fixed(100 * share, 1) + "\u00a0%";
  const photo = el("img", { src: pixels(state.image), alt: what });
  const figure = (picture, name, ...lost) => el("figure", {}, picture, el("figcaption", {}, el("span", {}, name), ...lost));
  const lines = k => el("dl", {}, el("dt", {}, "patches lost"), el("dd", {}, percent(k.patches_lost)), el("dt", {}, "pixels lost"), el("dd", {}, percent(k.pixels_lost)));
  byId("kept").replaceChildren(figure(photo, "the image"), ...levels.map((k, i) => {
    const name = names[k.level];
    const canvas = el("canvas", { width: pictures[i].width, height: pictures[i].height, role: "img", "aria-label": `What comes back of ${name}` });
    canvas.getContext("2d").drawImage(pictures[i], 0, 0);
    const shown = figure(canvas, name, lines(k));
    shown.dataset.level = k.level;
    return shown;
  }));
  const lost = level => percent(levels.find(k => k.level === level).pixels_lost);
  line.replaceChildren(`Of ${what}, the embeddings of patches lose `, el("b", {}, lost("betas")), " of the pixels, and the cells, which are all that the embedding of the image has, ", el("b", {}, lost("cells")), ".");
  say(`λ ${fixed(lambda, 2)}: embedded patches lose ${lost("betas")} of the pixels, cells ${lost("cells")}`);
}

// bytes are a file in base64.
const bytes = text => new Blob([Uint8Array.from(atob(text), c => c.charCodeAt(0))], { type: "image/png" });
