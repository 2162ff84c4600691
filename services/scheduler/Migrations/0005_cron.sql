-- Up to when each cron trigger's nominal times are decided, and when the next one comes; none where the trigger rests. Apart from trigger, as it
-- changes with every fire.
create table cron_trigger (
  org_id text not null,
  trigger_id text not null,
  decided_until timestamptz not null,
  next_at timestamptz,
  primary key (org_id, trigger_id),
  foreign key (org_id, trigger_id) references trigger (org_id, id) on delete cascade
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index cron_trigger_due on cron_trigger (next_at);

-- A manifest that is applied by two at once makes each trigger once.
create unique index trigger_cron_of_job on trigger (org_id, job, md5(settings)) where kind = 'cron';

-- The ledger: what became of each nominal time. Its key is what makes a second fire impossible.
create table fire (
  org_id text not null,
  trigger_id text not null,
  nominal_at timestamptz not null,
  job text not null,
  outcome text not null,
  reason text,
  run_id uuid,
  by_hand boolean not null default false,
  decided_at timestamptz not null,
  started_at timestamptz,
  -- Its run has yet to start or, where that matters to later fires, was not seen to have ended.
  open boolean not null,
  primary key (org_id, trigger_id, nominal_at),
  constraint fire_outcome_is_known check (outcome in ('fired', 'moved', 'caught_up', 'missed', 'skipped')),
  constraint fire_that_fires_has_a_run check ((run_id is not null) = (outcome in ('fired', 'moved', 'caught_up'))),
  constraint fire_without_a_run_is_closed check (run_id is not null or (not open and started_at is null))
) with (autovacuum_vacuum_scale_factor = 0.05);
create index fire_open on fire (org_id, trigger_id, nominal_at) where open;
create index fire_of_job on fire (org_id, job, nominal_at);

do $$
declare t text;
begin
  foreach t in array array['cron_trigger', 'fire'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy orgs_of_the_transaction on %I using (org_id = any((nullif((select current_setting(''app.orgs'', true)), ''''))::text[]))', t);
    execute format('create policy sweep_reads_all on %I for select to reactor_scheduler_sweep using (true)', t);
  end loop;
end $$;

-- What Quartz keeps to wake one scheduler of many in time, as its package lays it out for PostgreSQL; platform rows, of no org.
create table qrtz_job_details (
  sched_name text not null,
  job_name text not null,
  job_group text not null,
  description text,
  job_class_name text not null,
  is_durable boolean not null,
  is_nonconcurrent boolean not null,
  is_update_data boolean not null,
  requests_recovery boolean not null,
  job_data bytea,
  primary key (sched_name, job_name, job_group)
);
create index qrtz_job_details_by_group on qrtz_job_details (sched_name, job_group, job_name);

create table qrtz_triggers (
  sched_name text not null,
  trigger_name text not null,
  trigger_group text not null,
  job_name text not null,
  job_group text not null,
  description text,
  next_fire_time bigint,
  prev_fire_time bigint,
  priority integer,
  trigger_state text not null,
  trigger_type text not null,
  start_time bigint not null,
  end_time bigint,
  calendar_name text,
  misfire_instr smallint,
  misfire_orig_fire_time bigint,
  execution_group varchar(200),
  preferred_node varchar(200),
  preferred_node_auto boolean not null default false,
  retry_policy varchar(250),
  retry_attempt integer,
  continues_trigger_name text,
  continues_trigger_group text,
  continuation_condition integer,
  overlap_policy integer,
  pause_reason varchar(250),
  paused_by varchar(200),
  paused_at bigint,
  misfire_threshold bigint,
  fixed_delay boolean,
  job_data bytea,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, job_name, job_group) references qrtz_job_details (sched_name, job_name, job_group)
);
create index qrtz_triggers_of_job on qrtz_triggers (sched_name, job_name, job_group);
create index qrtz_triggers_by_group on qrtz_triggers (sched_name, trigger_group, trigger_name);
create index qrtz_triggers_of_calendar on qrtz_triggers (sched_name, calendar_name);
create index qrtz_triggers_due on qrtz_triggers (sched_name, trigger_state, next_fire_time, priority desc, misfire_instr);

create table qrtz_simple_triggers (
  sched_name text not null,
  trigger_name text not null,
  trigger_group text not null,
  repeat_count bigint not null,
  repeat_interval bigint not null,
  times_triggered bigint not null,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group) references qrtz_triggers (sched_name, trigger_name, trigger_group) on delete cascade
);

create table qrtz_cron_triggers (
  sched_name text not null,
  trigger_name text not null,
  trigger_group text not null,
  cron_expression text not null,
  time_zone_id text,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group) references qrtz_triggers (sched_name, trigger_name, trigger_group) on delete cascade
);

create table qrtz_simprop_triggers (
  sched_name text not null,
  trigger_name text not null,
  trigger_group text not null,
  str_prop_1 text,
  str_prop_2 text,
  str_prop_3 text,
  int_prop_1 integer,
  int_prop_2 integer,
  long_prop_1 bigint,
  long_prop_2 bigint,
  dec_prop_1 numeric,
  dec_prop_2 numeric,
  bool_prop_1 boolean,
  bool_prop_2 boolean,
  time_zone_id text,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group) references qrtz_triggers (sched_name, trigger_name, trigger_group) on delete cascade
);

create table qrtz_blob_triggers (
  sched_name text not null,
  trigger_name text not null,
  trigger_group text not null,
  blob_data bytea,
  primary key (sched_name, trigger_name, trigger_group),
  foreign key (sched_name, trigger_name, trigger_group) references qrtz_triggers (sched_name, trigger_name, trigger_group) on delete cascade
);

create table qrtz_calendars (
  sched_name text not null,
  calendar_name text not null,
  calendar bytea not null,
  primary key (sched_name, calendar_name)
);

create table qrtz_paused_trigger_grps (
  sched_name text not null,
  trigger_group text not null,
  pause_reason varchar(250),
  paused_by varchar(200),
  paused_at bigint,
  primary key (sched_name, trigger_group)
);

create table qrtz_paused_job_grps (
  sched_name text not null,
  job_group text not null,
  pause_reason varchar(250),
  paused_by varchar(200),
  paused_at bigint,
  primary key (sched_name, job_group)
);

create table qrtz_fired_triggers (
  sched_name text not null,
  entry_id text not null,
  trigger_name text not null,
  trigger_group text not null,
  instance_name text not null,
  fired_time bigint not null,
  sched_time bigint not null,
  priority integer not null,
  state text not null,
  job_name text,
  job_group text,
  is_nonconcurrent boolean not null,
  requests_recovery boolean,
  execution_group varchar(200),
  progress integer,
  progress_message varchar(250),
  interrupt_requested_time bigint,
  primary key (sched_name, entry_id)
);
create index qrtz_fired_triggers_of_instance on qrtz_fired_triggers (sched_name, instance_name, requests_recovery);
create index qrtz_fired_triggers_of_job on qrtz_fired_triggers (sched_name, job_name, job_group);
create index qrtz_fired_triggers_of_trigger on qrtz_fired_triggers (sched_name, trigger_group, trigger_name);

create table qrtz_scheduler_state (
  sched_name text not null,
  instance_name text not null,
  last_checkin_time bigint not null,
  checkin_interval bigint not null,
  quartz_version varchar(20),
  primary key (sched_name, instance_name)
);

create table qrtz_locks (
  sched_name text not null,
  lock_name text not null,
  primary key (sched_name, lock_name)
);
