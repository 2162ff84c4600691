CREATE SCHEMA scheduler;

ALTER SCHEMA scheduler OWNER TO reactor_owner;

CREATE FUNCTION scheduler.stale_read(code text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the rows are not as they were assumed to be' using errcode = code;
end $$;

ALTER FUNCTION scheduler.stale_read(code text) OWNER TO reactor_owner;

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
    CONSTRAINT trigger_of_an_event_has_a_topic CHECK (((kind <> 'event'::text) OR (topic IS NOT NULL)))
);

ALTER TABLE ONLY scheduler.trigger FORCE ROW LEVEL SECURITY;

ALTER TABLE scheduler.trigger OWNER TO reactor_owner;

ALTER TABLE ONLY scheduler.migration
    ADD CONSTRAINT "PK_migration" PRIMARY KEY ("MigrationId");

ALTER TABLE ONLY scheduler.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (org_id, id);

ALTER TABLE ONLY scheduler.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (org_id, job, key);

ALTER TABLE ONLY scheduler.job_load
    ADD CONSTRAINT job_load_pkey PRIMARY KEY (org_id, job);

ALTER TABLE ONLY scheduler.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (org_id, name);

ALTER TABLE ONLY scheduler.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (org_id, id);

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

CREATE INDEX dead_letter_of_job ON scheduler.dead_letter USING btree (org_id, job, id);

CREATE INDEX idempotency_expiry ON scheduler.idempotency USING btree (expires_at);

CREATE INDEX run_by_status ON scheduler.run USING btree (org_id, status, id) WHERE (status <> 'completed'::text);

CREATE INDEX run_dispatched ON scheduler.run USING btree (dispatched_at) WHERE (status = 'running'::text);

CREATE INDEX run_of_job ON scheduler.run USING btree (org_id, job, id);

CREATE INDEX run_waiting ON scheduler.run USING btree (org_id, job, priority DESC, queued_at, id) WHERE ((status = 'pending'::text) AND due);

CREATE INDEX timer_due ON scheduler.timer USING btree (shard, due_at);

CREATE UNIQUE INDEX trigger_topic_of_job ON scheduler.trigger USING btree (org_id, job, topic) WHERE (kind = 'event'::text);

ALTER TABLE scheduler.dead_letter ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.job ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.job_load ENABLE ROW LEVEL SECURITY;

CREATE POLICY orgs_of_the_transaction ON scheduler.dead_letter USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.idempotency USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.job USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.job_load USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.outbox USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.run USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.timer USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY orgs_of_the_transaction ON scheduler.trigger USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

ALTER TABLE scheduler.outbox ENABLE ROW LEVEL SECURITY;

ALTER TABLE scheduler.run ENABLE ROW LEVEL SECURITY;

CREATE POLICY sweep_reads_all ON scheduler.dead_letter FOR SELECT TO reactor_scheduler_sweep USING (true);

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

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.dead_letter TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.dead_letter TO reactor_scheduler_sweep;

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

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE scheduler.run TO reactor_scheduler;
GRANT SELECT ON TABLE scheduler.run TO reactor_scheduler_sweep;

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
