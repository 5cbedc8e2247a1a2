// The desk's own script. Every part listens on the document, so that what htmx brings in later
// works without being set up, and a page without scripts still works.

import "./clocks.js";
import "./dialogs.js";
import "./forms.js";
import "./keys.js";
import "./notices.js";
