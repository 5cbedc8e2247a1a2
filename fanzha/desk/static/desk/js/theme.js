// Runs before the first paint, so that "auto" never shows the wrong theme for a moment.
// The choice is kept in a cookie: the server writes the theme into the page it sends.

(() => {
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    const choice = root.dataset.themeChoice;
    const dark = choice === "dark" || (choice === "auto" && prefersDark.matches);
    root.dataset.bsTheme = dark ? "dark" : "light";
  }

  apply();
  prefersDark.addEventListener("change", apply);
  document.addEventListener("change", (event) => {
    const option = event.target.closest("[data-theme-option]");
    if (!option) return;
    root.dataset.themeChoice = option.value;
    document.cookie = `fanzha_theme=${option.value}; path=/; max-age=31536000; samesite=lax`;
    apply();
  });
})();
