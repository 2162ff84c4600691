-- Jobs, their triggers, the runs with what surrounds them. Ids are ULIDs kept as uuid: they sort by age.
-- Every table belongs to orgs; row-level security is forced, and services own none of these tables.

create table job (
  org_id text not null,
  name text not null,
  display_name text,
  handler text not null,
  max_attempts int not null,
  backoff text not null,
  backoff_initial_ms bigint not null,
  backoff_max_ms bigint not null,
  backoff_multiplier double precision not null,
  backoff_jitter double precision not null,
  timeout_ms bigint not null,
  max_concurrency int not null,
  retention_days int not null,
  paused boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  primary key (org_id, name),
  constraint job_attempts_are_positive check (max_attempts >= 1),
  constraint job_concurrency_is_positive check (max_concurrency >= 1),
  constraint job_backoff_is_known check (backoff in ('exponential', 'linear'))
);

-- One narrow row per job that every group updates once; apart from job, whose rows are wide and change seldom.
create table job_load (
  org_id text not null,
  job text not null,
  due int not null default 0,
  running int not null default 0,
  primary key (org_id, job),
  constraint job_load_is_not_negative check (due >= 0 and running >= 0 and running <= due)
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create table trigger (
  org_id text not null,
  id text not null,
  job text not null,
  kind text not null,
  topic text,
  created_at timestamptz not null,
  primary key (org_id, id),
  constraint trigger_of_an_event_has_a_topic check (kind <> 'event' or topic is not null)
);
create unique index trigger_topic_of_job on trigger (org_id, job, topic) where kind = 'event';

create table run (
  org_id text not null,
  id uuid not null,
  job text not null,
  handler text not null,
  status text not null,
  epoch int not null,
  attempt int not null,
  max_attempts int not null,
  losses int not null,
  priority smallint not null,
  timeout_ms bigint not null,
  trigger_kind text not null,
  trigger_id text,
  trigger_detail text,
  payload text not null,
  result text,
  error text,
  created_at timestamptz not null,
  run_at timestamptz not null,
  due boolean not null,
  queued_at timestamptz not null,
  wake_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  executor uuid,
  dispatched_at timestamptz,
  retry_of uuid,
  shares_checkpoints boolean not null,
  primary key (org_id, id),
  constraint run_status_is_known check (status in ('pending', 'running', 'sleeping', 'retrying', 'completed', 'failed', 'cancelled')),
  constraint run_that_runs_has_an_executor check ((status = 'running') = (executor is not null)),
  constraint run_that_waits_has_a_time check (status not in ('sleeping', 'retrying') or wake_at is not null),
  constraint run_that_ended_has_an_end check ((status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)),
  constraint run_that_failed_has_an_error check (status <> 'failed' or error is not null)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);
create index run_of_job on run (org_id, job, id);
create index run_by_status on run (org_id, status, id) where status <> 'completed';
create index run_waiting on run (org_id, job, priority desc, queued_at, id) where status = 'pending' and due;
create index run_dispatched on run (dispatched_at) where status = 'running';

create table idempotency (
  org_id text not null,
  job text not null,
  key text not null,
  run_id uuid not null,
  fingerprint bytea not null,
  expires_at timestamptz not null,
  primary key (org_id, job, key)
);
create index idempotency_expiry on idempotency (expires_at);

create table timer (
  org_id text not null,
  run_id uuid not null,
  job text not null,
  shard smallint not null,
  due_at timestamptz not null,
  epoch int not null,
  primary key (org_id, run_id)
) with (autovacuum_vacuum_scale_factor = 0.05);
create index timer_due on timer (shard, due_at);

-- Which scheduler reads which shard; platform rows, of no org.
create table timer_shard (
  shard smallint primary key,
  owner text not null,
  until timestamptz not null
);

create table dead_letter (
  org_id text not null,
  id text not null,
  job text not null,
  run_id uuid not null,
  error text not null,
  attempts int not null,
  created_at timestamptz not null,
  retried_as uuid,
  primary key (org_id, id)
);
create index dead_letter_of_job on dead_letter (org_id, job, id);

create table outbox (
  org_id text not null,
  id uuid not null,
  queue text not null,
  body bytea not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  primary key (org_id, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

do $$
declare t text;
begin
  foreach t in array array['job', 'job_load', 'trigger', 'run', 'idempotency', 'timer', 'dead_letter', 'outbox'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy orgs_of_the_transaction on %I using (org_id = any((nullif((select current_setting(''app.orgs'', true)), ''''))::text[]))', t);
    execute format('create policy sweep_reads_all on %I for select to reactor_scheduler_sweep using (true)', t);
  end loop;
end $$;
