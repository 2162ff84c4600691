-- The right to write for a run. Rows live as long as an attempt: room for updates in place, and vacuum by count instead of by share.
create table lease (
  org_id text not null,
  run_id uuid not null,
  epoch int not null,
  attempt int not null,
  job text not null,
  handler text not null,
  instance uuid not null,
  worker text not null,
  claimed_at timestamptz not null,
  deadline timestamptz not null,
  constraint lease_pkey primary key (org_id, run_id),
  constraint lease_epochs_count_from_one check (epoch > 0),
  constraint lease_ends_after_it_begins check (deadline >= claimed_at)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- The journal. The sequence gives the order of the commits; JSON is text because it passes through as it was given.
create table checkpoint (
  org_id text not null,
  run_id uuid not null,
  key text not null,
  seq bigint not null generated always as identity,
  epoch int not null,
  attempt int not null,
  output text not null,
  state text,
  due_at timestamptz,
  started_at timestamptz,
  duration_ms bigint,
  topics text,
  constraint checkpoint_pkey primary key (org_id, run_id, key),
  constraint checkpoint_keys_have_a_kind check (key like '_%:_%')
);

create table attempt (
  org_id text not null,
  run_id uuid not null,
  epoch int not null,
  number int not null,
  job text not null,
  worker text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  outcome text not null,
  error text,
  result text,
  waits text,
  fatal boolean not null,
  retry_after_ms bigint,
  constraint attempt_pkey primary key (org_id, run_id, epoch),
  constraint attempt_has_a_known_outcome
    check (outcome in ('completed', 'failed', 'timed_out', 'suspended', 'lost', 'released', 'cancelled'))
);

create table log (
  org_id text not null,
  id bigint not null generated always as identity,
  run_id uuid not null,
  job text not null,
  attempt int not null,
  ts timestamptz not null,
  level text not null,
  step text,
  message text not null,
  constraint log_pkey primary key (org_id, id)
);
create index log_of_run on log (org_id, run_id, id);
create index log_of_job on log (org_id, job, id);

create table outbox (
  org_id text not null,
  id uuid not null,
  queue text not null,
  body bytea not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  constraint outbox_pkey primary key (org_id, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- Of the platform, not of an org.
create table instance (
  id uuid constraint instance_pkey primary key,
  name text not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null
);

do $$
declare
  one text;
begin
  foreach one in array array['lease', 'checkpoint', 'attempt', 'log', 'outbox'] loop
    execute format('alter table %I enable row level security', one);
    execute format('alter table %I force row level security', one);
    execute format(
      'create policy own_org on %I using (org_id = any((nullif((select current_setting(''app.orgs'', true)), ''''))::text[]))', one);
    execute format('create policy sweep on %I for select to reactor_executor_sweep using (true)', one);
  end loop;
end $$;
