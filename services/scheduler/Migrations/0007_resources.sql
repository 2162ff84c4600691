-- What job definitions run: a function, under an id of its own. Its code is the function's.
create table component (
  org_id text not null,
  id text not null,
  function_name text not null,
  code_file text,
  code_sha256 text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (org_id, id)
);
alter table component enable row level security;
alter table component force row level security;
create policy orgs_of_the_transaction on component using (org_id = any((nullif((select current_setting('app.orgs', true)), ''))::text[]));
create policy sweep_reads_all on component for select to reactor_scheduler_sweep using (true);

-- A job that has one is a job definition; the component of that id need not exist: then it is a handler's name.
alter table job add column component_id text;
create index job_of_component on job (org_id, component_id) where component_id is not null;

-- Statistics are of what has ended in a range of time. Runs that start themselves again were made long before they end.
create index run_ended on run (org_id, job, completed_at) where completed_at is not null;
