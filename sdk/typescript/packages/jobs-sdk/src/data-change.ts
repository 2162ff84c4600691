/** The payload of a run that a trigger of the kind `data` has started: one change of one row. */
export interface DataChange<Row = Record<string, unknown>> {
  /** With its schema: `public.orders`. */
  table: string;
  op: 'insert' | 'update' | 'delete';
  /** The row before; only the columns of its key, unless the table has REPLICA IDENTITY FULL. Null for an insert. */
  old: Partial<Row> | null;
  /** The row now; null for a delete. */
  new: Partial<Row> | null;
  /** Where its transaction committed: changes of one transaction share it. */
  lsn: string;
  committed_at: string;
  /** Columns whose large value has not changed, and which `new` therefore lacks. */
  unchanged?: string[];
  /** Columns that were left out because the payload would have been too large. */
  omitted?: string[];
}
