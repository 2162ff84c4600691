-- What an org calls a function: its settings, and which of its versions takes new runs.
create table function (
  org_id text not null,
  name text not null,
  runtime text not null,
  live_version int,
  -- Numbers are not given twice, even after the newest version is deleted: logs and caches know versions by them.
  last_version int not null default 0,
  network boolean not null default true,
  env text not null default '{}',
  secrets text not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint function_pkey primary key (org_id, name),
  constraint function_has_a_known_runtime check (runtime in ('bun', 'node')),
  constraint function_lives_in_a_version_it_had check (live_version between 1 and last_version)
);

-- One deployment. Its network, env and secrets are what its function.json says; the function's own go over them.
create table function_version (
  org_id text not null,
  name text not null,
  version int not null,
  id uuid not null,
  runtime text not null,
  entry text not null,
  bundle bytea not null,
  sha256 text not null,
  bytes bigint not null,
  files int not null,
  network boolean not null default true,
  env text not null default '{}',
  secrets text not null default '{}',
  job text,
  created_at timestamptz not null,
  created_by text not null,
  constraint function_version_pkey primary key (org_id, name, version),
  constraint function_version_of_a_function foreign key (org_id, name) references function (org_id, name),
  constraint function_versions_count_from_one check (version > 0),
  constraint function_version_has_a_known_runtime check (runtime in ('bun', 'node'))
);
-- Compressed already.
alter table function_version alter column bundle set storage external;

alter table function add constraint function_live_version_is_there
  foreign key (org_id, name, live_version) references function_version (org_id, name, version) deferrable initially deferred;

-- A run keeps the version of its first claim; the reference keeps the version. No index by version: it would cost every claim, and the
-- plan of a look-up by run that is made while the table is empty could take it. Deleting a version reads the org's pins instead.
create table function_pin (
  org_id text not null,
  run_id uuid not null,
  name text not null,
  version int not null,
  constraint function_pin_pkey primary key (org_id, run_id, name),
  constraint function_pin_holds_a_version foreign key (org_id, name, version) references function_version (org_id, name, version)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
do $$
declare
  one text;
begin
  foreach one in array array['function', 'function_version', 'function_pin'] loop
    execute format('alter table %I enable row level security', one);
    execute format('alter table %I force row level security', one);
    execute format(
      'create policy own_org on %I using (org_id = any((nullif((select current_setting(''app.orgs'', true)), ''''))::text[]))', one);
    execute format('create policy sweep on %I for select to reactor_executor_sweep using (true)', one);
  end loop;
end $$;
