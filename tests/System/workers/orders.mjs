import * as ledger from "./ledger.mjs";
import { handlersOf } from "./order-handlers.mjs";
import { serve } from "./serve.mjs";

await serve(handlersOf(ledger), 50);
