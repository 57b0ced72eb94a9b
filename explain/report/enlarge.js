"use strict";
// Pictures open large: by a click or, of those that the keys reach, Enter. Charts have no pixels to enlarge.
(() => {
  const large = document.getElementById("large"), shown = large.querySelector("img"), words = large.querySelector("p");
  const all = document.querySelectorAll("figure img, .near img, .pair img, .query img, .strip img");
  const open = img => {
    shown.src = img.src; shown.alt = img.alt; words.textContent = img.closest("[title]")?.title || img.alt;
    const k = Math.max(1, Math.floor(Math.min(innerWidth * .86 / img.naturalWidth, innerHeight * .7 / img.naturalHeight)));
    shown.style.width = img.naturalWidth * k + "px";
    large.showModal();
  };
  for (const img of all) {
    img.tabIndex = 0; img.setAttribute("role", "button"); img.classList.add("opens");
    img.addEventListener("click", () => open(img));
    img.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(img); } });
  }
  large.addEventListener("click", e => { if (e.target === large) large.close(); });
})();
