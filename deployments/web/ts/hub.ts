// What scripts add to pages that are whole without them. Loaded as a module, so after the page.

import { showUploads } from "./documents";
import { applyFiltersAtOnce } from "./filters";
import { listenToKeys } from "./keys";
import { startLive } from "./live_page";
import { editMatrix } from "./matrix";
import { usePasskeys } from "./passkeys";
import { localizeTimes } from "./times";
import { turnPages } from "./viewer";

localizeTimes();
listenToKeys();
applyFiltersAtOnce();
showUploads();
startLive();
editMatrix();
turnPages();
usePasskeys();
