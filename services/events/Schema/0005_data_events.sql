-- A database that is watched for an org, while it has data triggers. "commit_lsn" and "taken" are up to where its changes are taken in: all of the
-- transactions that committed before, and so many changes of that one. "messages" carry the runs of the group that was taken in last.
create table watch (
  org_id        text        not null,
  name          text        not null,
  slot          text        not null constraint watch_slot_is_a_slot_name check (slot ~ '^[a-z0-9_]{1,63}$'),
  made          boolean     not null default false,
  commit_lsn    pg_lsn      not null default '0/0',
  taken         bigint      not null default 0 constraint watch_taken_is_a_count check (taken >= 0),
  committed_at  timestamptz,
  messages      uuid[]      not null default '{}',
  state         text        not null default 'starting' constraint watch_state_is_known check (state in ('starting', 'streaming', 'failing')),
  problem       text,
  lag_bytes     bigint,
  lag_seconds   double precision,
  slot_state    text,
  looked_at     timestamptz,
  created_at    timestamptz not null,
  constraint watch_of_database primary key (org_id, name)
);

-- Which trigger starts which job on which table's changes; written by the scheduler, which owns the triggers. Changes that committed before "from_lsn"
-- are from before the trigger. "confirmed" is set when the trigger itself is kept.
create table data_trigger (
  org_id       text        not null,
  trigger_id   text        not null,
  name         text        not null,
  table_schema text        not null,
  table_name   text        not null,
  operations   text[]      not null constraint data_trigger_has_operations check (operations <@ '{insert,update,delete}' and cardinality(operations) > 0),
  condition    text,
  job          text        not null,
  from_lsn     pg_lsn      not null,
  confirmed    boolean     not null default false,
  problem      text,
  created_at   timestamptz not null,
  constraint data_trigger_of_trigger primary key (org_id, trigger_id),
  constraint data_trigger_of_watch foreign key (org_id, name) references watch (org_id, name)
);
create index data_trigger_by_watch on data_trigger (org_id, name);

-- What was not seen: from where to where a slot that was lost has left changes out.
create table watch_gap (
  org_id     text        not null,
  name       text        not null,
  from_lsn   pg_lsn      not null,
  until_lsn  pg_lsn      not null,
  reason     text        not null,
  noticed_at timestamptz not null,
  constraint watch_gap_once primary key (org_id, name, noticed_at)
);

alter table watch enable row level security;
alter table watch force row level security;
create policy named_orgs on watch using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on watch for select to reactor_events_sweep using (true);

alter table data_trigger enable row level security;
alter table data_trigger force row level security;
create policy named_orgs on data_trigger using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on data_trigger for select to reactor_events_sweep using (true);

alter table watch_gap enable row level security;
alter table watch_gap force row level security;
create policy named_orgs on watch_gap using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep on watch_gap for select to reactor_events_sweep using (true);
