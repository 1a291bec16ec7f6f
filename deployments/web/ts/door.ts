// What the pages before signing in need: nothing of the hub's own pages is loaded for strangers.

import { usePasskeys } from "./passkeys";

usePasskeys();
