CREATE SCHEMA scheduler;

ALTER SCHEMA scheduler OWNER TO reactor_owner;

CREATE FUNCTION scheduler.as_jsonb(json text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
begin
  return json::jsonb;
exception when data_exception or program_limit_exceeded then
  return to_jsonb(json);
end $$;

ALTER FUNCTION scheduler.as_jsonb(json text) OWNER TO reactor_owner;

CREATE FUNCTION scheduler.id_text(prefix text, id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (prefix || (SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ'::text, (1 + ((SUBSTRING(x.bits FROM (1 + (5 * digit.digit)) FOR 5))::bit(5))::integer), 1), ''::text ORDER BY digit.digit) AS string_agg FROM (SELECT (('00'::"bit")::bit varying || ((('x'::text || replace((id_text.id)::text, '-'::text, ''::text)))::bit(128))::bit varying) AS bits) x, generate_series(0, 25) digit(digit)));

ALTER FUNCTION scheduler.id_text(prefix text, id uuid) OWNER TO reactor_owner;

CREATE FUNCTION scheduler.stale_read(code text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the rows are not as they were assumed to be' using errcode = code;
end $$;

ALTER FUNCTION scheduler.stale_read(code text) OWNER TO reactor_owner;

CREATE TABLE scheduler.run (
    org_id text NOT NULL,
    id uuid NOT NULL,
    job text NOT NULL,
    handler text NOT NULL,
    status text NOT NULL,
    epoch integer NOT NULL,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    losses integer NOT NULL,
    priority smallint NOT NULL,
    timeout_ms bigint NOT NULL,
    trigger_kind text NOT NULL,
    trigger_id text,
    trigger_detail text,
    payload text NOT NULL,
    result text,
    error text,
    created_at timestamp with time zone NOT NULL,
    run_at timestamp with time zone NOT NULL,
    due boolean NOT NULL,
    queued_at timestamp with time zone NOT NULL,
    wake_at timestamp with time zone,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    executor uuid,
    dispatched_at timestamp with time zone,
    retry_of uuid,
    shares_checkpoints boolean NOT NULL,
    CONSTRAINT run_status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'sleeping'::text, 'retrying'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT run_that_ended_has_an_end CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT run_that_failed_has_an_error CHECK (((status <> 'failed'::text) OR (error IS NOT NULL))),
    CONSTRAINT run_that_runs_has_an_executor CHECK (((status = 'running'::text) = (executor IS NOT NULL))),
    CONSTRAINT run_that_waits_has_a_time CHECK (((status <> ALL (ARRAY['sleeping'::text, 'retrying'::text])) OR (wake_at IS NOT NULL)))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.1');

ALTER TABLE ONLY scheduler.run FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.run OWNER TO reactor_owner;

CREATE TABLE scheduler.component (
    org_id text NOT NULL,
    id text NOT NULL,
    function_name text NOT NULL,
    code_file text,
    code_sha256 text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY scheduler.component FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.component OWNER TO reactor_owner;

CREATE TABLE scheduler.cron_trigger (
    org_id text NOT NULL,
    trigger_id text NOT NULL,
    decided_until timestamp with time zone NOT NULL,
    next_at timestamp with time zone
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

ALTER TABLE ONLY scheduler.cron_trigger FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.cron_trigger OWNER TO reactor_owner;

CREATE TABLE scheduler.dead_letter (
    org_id text NOT NULL,
    id text NOT NULL,
    job text NOT NULL,
    run_id uuid NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retried_as uuid
);

ALTER TABLE ONLY scheduler.dead_letter FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.dead_letter OWNER TO reactor_owner;

CREATE TABLE scheduler.fire (
    org_id text NOT NULL,
    trigger_id text NOT NULL,
    nominal_at timestamp with time zone NOT NULL,
    job text NOT NULL,
    outcome text NOT NULL,
    reason text,
    run_id uuid,
    by_hand boolean DEFAULT false NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    open boolean NOT NULL,
    CONSTRAINT fire_outcome_is_known CHECK ((outcome = ANY (ARRAY['fired'::text, 'moved'::text, 'caught_up'::text, 'missed'::text, 'skipped'::text]))),
    CONSTRAINT fire_that_fires_has_a_run CHECK (((run_id IS NOT NULL) = (outcome = ANY (ARRAY['fired'::text, 'moved'::text, 'caught_up'::text])))),
    CONSTRAINT fire_without_a_run_is_closed CHECK (((run_id IS NOT NULL) OR ((NOT open) AND (started_at IS NULL))))
)
WITH (autovacuum_vacuum_scale_factor='0.05');

ALTER TABLE ONLY scheduler.fire FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.fire OWNER TO reactor_owner;

CREATE TABLE scheduler.idempotency (
    org_id text NOT NULL,
    job text NOT NULL,
    key text NOT NULL,
    run_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY scheduler.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.idempotency OWNER TO reactor_owner;

CREATE TABLE scheduler.job (
    org_id text NOT NULL,
    name text NOT NULL,
    display_name text,
    handler text NOT NULL,
    max_attempts integer NOT NULL,
    backoff text NOT NULL,
    backoff_initial_ms bigint NOT NULL,
    backoff_max_ms bigint NOT NULL,
    backoff_multiplier double precision NOT NULL,
    backoff_jitter double precision NOT NULL,
    timeout_ms bigint NOT NULL,
    max_concurrency integer NOT NULL,
    retention_days integer NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    component_id text,
    CONSTRAINT job_attempts_are_positive CHECK ((max_attempts >= 1)),
    CONSTRAINT job_backoff_is_known CHECK ((backoff = ANY (ARRAY['exponential'::text, 'linear'::text]))),
    CONSTRAINT job_concurrency_is_positive CHECK ((max_concurrency >= 1))
);

ALTER TABLE ONLY scheduler.job FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.job OWNER TO reactor_owner;

CREATE TABLE scheduler.job_load (
    org_id text NOT NULL,
    job text NOT NULL,
    due integer DEFAULT 0 NOT NULL,
    running integer DEFAULT 0 NOT NULL,
    CONSTRAINT job_load_is_not_negative CHECK (((due >= 0) AND (running >= 0) AND (running <= due)))
)
WITH (fillfactor='20', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');

ALTER TABLE ONLY scheduler.job_load FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.job_load OWNER TO reactor_owner;

CREATE TABLE scheduler.migration (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL
);

ALTER TABLE scheduler.migration OWNER TO reactor_owner;

CREATE TABLE scheduler.outbox (
    org_id text NOT NULL,
    id uuid NOT NULL,
    queue text NOT NULL,
    body bytea NOT NULL,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');

ALTER TABLE ONLY scheduler.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.outbox OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_blob_triggers (
    sched_name text NOT NULL,
    trigger_name text NOT NULL,
    trigger_group text NOT NULL,
    blob_data bytea
);

ALTER TABLE scheduler.qrtz_blob_triggers OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_calendars (
    sched_name text NOT NULL,
    calendar_name text NOT NULL,
    calendar bytea NOT NULL
);

ALTER TABLE scheduler.qrtz_calendars OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_cron_triggers (
    sched_name text NOT NULL,
    trigger_name text NOT NULL,
    trigger_group text NOT NULL,
    cron_expression text NOT NULL,
    time_zone_id text
);

ALTER TABLE scheduler.qrtz_cron_triggers OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_fired_triggers (
    sched_name text NOT NULL,
    entry_id text NOT NULL,
    trigger_name text NOT NULL,
    trigger_group text NOT NULL,
    instance_name text NOT NULL,
    fired_time bigint NOT NULL,
    sched_time bigint NOT NULL,
    priority integer NOT NULL,
    state text NOT NULL,
    job_name text,
    job_group text,
    is_nonconcurrent boolean NOT NULL,
    requests_recovery boolean,
    execution_group character varying(200),
    progress integer,
    progress_message character varying(250),
    interrupt_requested_time bigint
);

ALTER TABLE scheduler.qrtz_fired_triggers OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_job_details (
    sched_name text NOT NULL,
    job_name text NOT NULL,
    job_group text NOT NULL,
    description text,
    job_class_name text NOT NULL,
    is_durable boolean NOT NULL,
    is_nonconcurrent boolean NOT NULL,
    is_update_data boolean NOT NULL,
    requests_recovery boolean NOT NULL,
    job_data bytea
);

ALTER TABLE scheduler.qrtz_job_details OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_locks (
    sched_name text NOT NULL,
    lock_name text NOT NULL
);

ALTER TABLE scheduler.qrtz_locks OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_paused_job_grps (
    sched_name text NOT NULL,
    job_group text NOT NULL,
    pause_reason character varying(250),
    paused_by character varying(200),
    paused_at bigint
);

ALTER TABLE scheduler.qrtz_paused_job_grps OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_paused_trigger_grps (
    sched_name text NOT NULL,
    trigger_group text NOT NULL,
    pause_reason character varying(250),
    paused_by character varying(200),
    paused_at bigint
);

ALTER TABLE scheduler.qrtz_paused_trigger_grps OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_scheduler_state (
    sched_name text NOT NULL,
    instance_name text NOT NULL,
    last_checkin_time bigint NOT NULL,
    checkin_interval bigint NOT NULL,
    quartz_version character varying(20)
);

ALTER TABLE scheduler.qrtz_scheduler_state OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_simple_triggers (
    sched_name text NOT NULL,
    trigger_name text NOT NULL,
    trigger_group text NOT NULL,
    repeat_count bigint NOT NULL,
    repeat_interval bigint NOT NULL,
    times_triggered bigint NOT NULL
);

ALTER TABLE scheduler.qrtz_simple_triggers OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_simprop_triggers (
    sched_name text NOT NULL,
    trigger_name text NOT NULL,
    trigger_group text NOT NULL,
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
    time_zone_id text
);

ALTER TABLE scheduler.qrtz_simprop_triggers OWNER TO reactor_owner;

CREATE TABLE scheduler.qrtz_triggers (
    sched_name text NOT NULL,
    trigger_name text NOT NULL,
    trigger_group text NOT NULL,
    job_name text NOT NULL,
    job_group text NOT NULL,
    description text,
    next_fire_time bigint,
    prev_fire_time bigint,
    priority integer,
    trigger_state text NOT NULL,
    trigger_type text NOT NULL,
    start_time bigint NOT NULL,
    end_time bigint,
    calendar_name text,
    misfire_instr smallint,
    misfire_orig_fire_time bigint,
    execution_group character varying(200),
    preferred_node character varying(200),
    preferred_node_auto boolean DEFAULT false NOT NULL,
    retry_policy character varying(250),
    retry_attempt integer,
    continues_trigger_name text,
    continues_trigger_group text,
    continuation_condition integer,
    overlap_policy integer,
    pause_reason character varying(250),
    paused_by character varying(200),
    paused_at bigint,
    misfire_threshold bigint,
    fixed_delay boolean,
    job_data bytea
);

ALTER TABLE scheduler.qrtz_triggers OWNER TO reactor_owner;

CREATE TABLE scheduler.scheduler (
    name text NOT NULL,
    until timestamp with time zone NOT NULL
);

ALTER TABLE scheduler.scheduler OWNER TO reactor_owner;

CREATE TABLE scheduler.timer (
    org_id text NOT NULL,
    run_id uuid NOT NULL,
    job text NOT NULL,
    shard smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    epoch integer NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

ALTER TABLE ONLY scheduler.timer FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.timer OWNER TO reactor_owner;

CREATE TABLE scheduler.timer_shard (
    shard smallint NOT NULL,
    owner text NOT NULL,
    until timestamp with time zone NOT NULL
);

ALTER TABLE scheduler.timer_shard OWNER TO reactor_owner;

CREATE TABLE scheduler.trigger (
    org_id text NOT NULL,
    id text NOT NULL,
    job text NOT NULL,
    kind text NOT NULL,
    topic text,
    created_at timestamp with time zone NOT NULL,
    settings text DEFAULT '{}'::text NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    declared_by text,
    CONSTRAINT trigger_of_an_event_has_a_topic CHECK (((kind <> 'event'::text) OR (topic IS NOT NULL)))
);

ALTER TABLE ONLY scheduler.trigger FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.trigger OWNER TO reactor_owner;

ALTER TABLE ONLY scheduler.migration
    ADD CONSTRAINT "PK_migration" PRIMARY KEY ("MigrationId");

ALTER TABLE ONLY scheduler.component
    ADD CONSTRAINT component_pkey PRIMARY KEY (org_id, id);

ALTER TABLE ONLY scheduler.cron_trigger
    ADD CONSTRAINT cron_trigger_pkey PRIMARY KEY (org_id, trigger_id);

ALTER TABLE ONLY scheduler.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (org_id, id);

ALTER TABLE ONLY scheduler.fire
    ADD CONSTRAINT fire_pkey PRIMARY KEY (org_id, trigger_id, nominal_at);

ALTER TABLE ONLY scheduler.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (org_id, job, key);

ALTER TABLE ONLY scheduler.job_load
    ADD CONSTRAINT job_load_pkey PRIMARY KEY (org_id, job);

ALTER TABLE ONLY scheduler.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (org_id, name);

ALTER TABLE ONLY scheduler.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (org_id, id);

ALTER TABLE ONLY scheduler.qrtz_blob_triggers
    ADD CONSTRAINT qrtz_blob_triggers_pkey PRIMARY KEY (sched_name, trigger_name, trigger_group);

ALTER TABLE ONLY scheduler.qrtz_calendars
    ADD CONSTRAINT qrtz_calendars_pkey PRIMARY KEY (sched_name, calendar_name);

ALTER TABLE ONLY scheduler.qrtz_cron_triggers
    ADD CONSTRAINT qrtz_cron_triggers_pkey PRIMARY KEY (sched_name, trigger_name, trigger_group);

ALTER TABLE ONLY scheduler.qrtz_fired_triggers
    ADD CONSTRAINT qrtz_fired_triggers_pkey PRIMARY KEY (sched_name, entry_id);

ALTER TABLE ONLY scheduler.qrtz_job_details
    ADD CONSTRAINT qrtz_job_details_pkey PRIMARY KEY (sched_name, job_name, job_group);

ALTER TABLE ONLY scheduler.qrtz_locks
    ADD CONSTRAINT qrtz_locks_pkey PRIMARY KEY (sched_name, lock_name);

ALTER TABLE ONLY scheduler.qrtz_paused_job_grps
    ADD CONSTRAINT qrtz_paused_job_grps_pkey PRIMARY KEY (sched_name, job_group);

ALTER TABLE ONLY scheduler.qrtz_paused_trigger_grps
    ADD CONSTRAINT qrtz_paused_trigger_grps_pkey PRIMARY KEY (sched_name, trigger_group);

ALTER TABLE ONLY scheduler.qrtz_scheduler_state
    ADD CONSTRAINT qrtz_scheduler_state_pkey PRIMARY KEY (sched_name, instance_name);

ALTER TABLE ONLY scheduler.qrtz_simple_triggers
    ADD CONSTRAINT qrtz_simple_triggers_pkey PRIMARY KEY (sched_name, trigger_name, trigger_group);

ALTER TABLE ONLY scheduler.qrtz_simprop_triggers
    ADD CONSTRAINT qrtz_simprop_triggers_pkey PRIMARY KEY (sched_name, trigger_name, trigger_group);

ALTER TABLE ONLY scheduler.qrtz_triggers
    ADD CONSTRAINT qrtz_triggers_pkey PRIMARY KEY (sched_name, trigger_name, trigger_group);

ALTER TABLE ONLY scheduler.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (org_id, id);

ALTER TABLE ONLY scheduler.scheduler
    ADD CONSTRAINT scheduler_pkey PRIMARY KEY (name);

ALTER TABLE ONLY scheduler.timer
    ADD CONSTRAINT timer_pkey PRIMARY KEY (org_id, run_id);

ALTER TABLE ONLY scheduler.timer_shard
    ADD CONSTRAINT timer_shard_pkey PRIMARY KEY (shard);

ALTER TABLE ONLY scheduler.trigger
    ADD CONSTRAINT trigger_pkey PRIMARY KEY (org_id, id);

CREATE INDEX cron_trigger_due ON scheduler.cron_trigger USING btree (next_at);

CREATE INDEX dead_letter_of_job ON scheduler.dead_letter USING btree (org_id, job, id);

CREATE INDEX fire_of_job ON scheduler.fire USING btree (org_id, job, nominal_at);

CREATE INDEX fire_open ON scheduler.fire USING btree (org_id, trigger_id, nominal_at) WHERE open;

CREATE INDEX idempotency_expiry ON scheduler.idempotency USING btree (expires_at);

CREATE INDEX job_of_component ON scheduler.job USING btree (org_id, component_id) WHERE (component_id IS NOT NULL);

CREATE INDEX qrtz_fired_triggers_of_instance ON scheduler.qrtz_fired_triggers USING btree (sched_name, instance_name, requests_recovery);

CREATE INDEX qrtz_fired_triggers_of_job ON scheduler.qrtz_fired_triggers USING btree (sched_name, job_name, job_group);

CREATE INDEX qrtz_fired_triggers_of_trigger ON scheduler.qrtz_fired_triggers USING btree (sched_name, trigger_group, trigger_name);

CREATE INDEX qrtz_job_details_by_group ON scheduler.qrtz_job_details USING btree (sched_name, job_group, job_name);

CREATE INDEX qrtz_triggers_by_group ON scheduler.qrtz_triggers USING btree (sched_name, trigger_group, trigger_name);

CREATE INDEX qrtz_triggers_due ON scheduler.qrtz_triggers USING btree (sched_name, trigger_state, next_fire_time, priority DESC, misfire_instr);

CREATE INDEX qrtz_triggers_of_calendar ON scheduler.qrtz_triggers USING btree (sched_name, calendar_name);

CREATE INDEX qrtz_triggers_of_job ON scheduler.qrtz_triggers USING btree (sched_name, job_name, job_group);

CREATE INDEX run_by_status ON scheduler.run USING btree (org_id, status, id) WHERE (status <> 'completed'::text);

CREATE INDEX run_dispatched ON scheduler.run USING btree (dispatched_at) WHERE (status = 'running'::text);

CREATE INDEX run_ended ON scheduler.run USING btree (org_id, job, completed_at) WHERE (completed_at IS NOT NULL);

CREATE INDEX run_in_line ON scheduler.run USING btree (org_id, job, queued_at, id) WHERE ((status = 'pending'::text) AND due);

CREATE INDEX run_of_job ON scheduler.run USING btree (org_id, job, id);

CREATE INDEX run_scheduled ON scheduler.run USING btree (org_id, run_at, id) WHERE ((trigger_kind = 'schedule'::text) AND (status = ANY (ARRAY['pending'::text, 'running'::text, 'sleeping'::text, 'retrying'::text])));

CREATE INDEX timer_due ON scheduler.timer USING btree (shard, due_at);

CREATE UNIQUE INDEX trigger_cron_of_job ON scheduler.trigger USING btree (org_id, job, md5(settings)) WHERE (kind = 'cron'::text);

CREATE UNIQUE INDEX trigger_data_of_job ON scheduler.trigger USING btree (org_id, job, md5(settings)) WHERE (kind = 'data'::text);

CREATE INDEX trigger_declared ON scheduler.trigger USING btree (org_id, declared_by) WHERE (declared_by IS NOT NULL);

CREATE UNIQUE INDEX trigger_topic_of_job ON scheduler.trigger USING btree (org_id, job, topic) WHERE (kind = 'event'::text);

ALTER TABLE ONLY scheduler.cron_trigger
    ADD CONSTRAINT cron_trigger_org_id_trigger_id_fkey FOREIGN KEY (org_id, trigger_id) REFERENCES scheduler.trigger(org_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY scheduler.qrtz_blob_triggers
    ADD CONSTRAINT qrtz_blob_triggers_sched_name_trigger_name_trigger_group_fkey FOREIGN KEY (sched_name, trigger_name, trigger_group) REFERENCES scheduler.qrtz_triggers(sched_name, trigger_name, trigger_group) ON DELETE CASCADE;

ALTER TABLE ONLY scheduler.qrtz_cron_triggers
    ADD CONSTRAINT qrtz_cron_triggers_sched_name_trigger_name_trigger_group_fkey FOREIGN KEY (sched_name, trigger_name, trigger_group) REFERENCES scheduler.qrtz_triggers(sched_name, trigger_name, trigger_group) ON DELETE CASCADE;

ALTER TABLE ONLY scheduler.qrtz_simple_triggers
    ADD CONSTRAINT qrtz_simple_triggers_sched_name_trigger_name_trigger_group_fkey FOREIGN KEY (sched_name, trigger_name, trigger_group) REFERENCES scheduler.qrtz_triggers(sched_name, trigger_name, trigger_group) ON DELETE CASCADE;

ALTER TABLE ONLY scheduler.qrtz_simprop_triggers
    ADD CONSTRAINT qrtz_simprop_triggers_sched_name_trigger_name_trigger_grou_fkey FOREIGN KEY (sched_name, trigger_name, trigger_group) REFERENCES scheduler.qrtz_triggers(sched_name, trigger_name, trigger_group) ON DELETE CASCADE;

ALTER TABLE ONLY scheduler.qrtz_triggers
    ADD CONSTRAINT qrtz_triggers_sched_name_job_name_job_group_fkey FOREIGN KEY (sched_name, job_name, job_group) REFERENCES scheduler.qrtz_job_details(sched_name, job_name, job_group);

ALTER TABLE scheduler.component ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.cron_trigger ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.dead_letter ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.fire ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.job ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.job_load ENABLE ROW LEVEL SECURITY;

CREATE POLICY orgs_of_the_transaction ON scheduler.component USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.cron_trigger USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.dead_letter USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.fire USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.idempotency USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.job USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.job_load USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.outbox USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.run USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.timer USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.trigger USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

ALTER TABLE scheduler.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.run ENABLE ROW LEVEL SECURITY;

CREATE POLICY sweep_reads_all ON scheduler.component FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.cron_trigger FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.dead_letter FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.fire FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.idempotency FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.job FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.job_load FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.outbox FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.run FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.timer FOR SELECT TO reactor_scheduler_sweep USING (true);

CREATE POLICY sweep_reads_all ON scheduler.trigger FOR SELECT TO reactor_scheduler_sweep USING (true);

ALTER TABLE scheduler.timer ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.trigger ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA scheduler TO reactor_scheduler;
GRANT USAGE ON SCHEMA scheduler TO reactor_scheduler_sweep;
GRANT USAGE ON SCHEMA scheduler TO reactor_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.run TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.run TO reactor_scheduler_sweep;

GRANT SELECT(org_id) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(id) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(job) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(status) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(attempt) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(trigger_kind) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(trigger_id) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(payload) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(run_at) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT(started_at) ON TABLE scheduler.run TO reactor_reader;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.component TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.component TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.cron_trigger TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.cron_trigger TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.dead_letter TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.dead_letter TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.fire TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.fire TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.idempotency TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.idempotency TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.job TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.job TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.job_load TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.job_load TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.migration TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.migration TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.outbox TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.outbox TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_blob_triggers TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_blob_triggers TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_calendars TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_calendars TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_cron_triggers TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_cron_triggers TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_fired_triggers TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_fired_triggers TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_job_details TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_job_details TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_locks TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_locks TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_paused_job_grps TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_paused_job_grps TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_paused_trigger_grps TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_paused_trigger_grps TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_scheduler_state TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_scheduler_state TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_simple_triggers TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_simple_triggers TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_simprop_triggers TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_simprop_triggers TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.qrtz_triggers TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.qrtz_triggers TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.scheduler TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.scheduler TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.timer TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.timer TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.timer_shard TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.timer_shard TO reactor_scheduler_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.trigger TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.trigger TO reactor_scheduler_sweep;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA scheduler GRANT USAGE ON SEQUENCES  TO reactor_scheduler;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA scheduler GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO reactor_scheduler;
ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA scheduler GRANT SELECT ON TABLES  TO reactor_scheduler_sweep;
