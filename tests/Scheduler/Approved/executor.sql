CREATE SCHEMA executor;

ALTER SCHEMA executor OWNER TO reactor_owner;

CREATE FUNCTION executor.stale_read(code text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the rows are not as they were assumed to be' using errcode = code;
end $$;

ALTER FUNCTION executor.stale_read(code text) OWNER TO reactor_owner;

CREATE TABLE executor.attempt (
    org_id text NOT NULL,
    run_id uuid NOT NULL,
    epoch integer NOT NULL,
    number integer NOT NULL,
    job text NOT NULL,
    worker text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    error text,
    result text,
    waits text,
    fatal boolean NOT NULL,
    retry_after_ms bigint,
    CONSTRAINT attempt_has_a_known_outcome CHECK ((outcome = ANY (ARRAY['completed'::text, 'failed'::text, 'timed_out'::text, 'suspended'::text, 'lost'::text, 'released'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY executor.attempt FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.attempt OWNER TO reactor_owner;

CREATE TABLE executor.checkpoint (
    org_id text NOT NULL,
    run_id uuid NOT NULL,
    key text NOT NULL,
    seq bigint NOT NULL,
    epoch integer NOT NULL,
    attempt integer NOT NULL,
    output text NOT NULL,
    state text,
    due_at timestamp with time zone,
    started_at timestamp with time zone,
    duration_ms bigint,
    topics text,
    CONSTRAINT checkpoint_keys_have_a_kind CHECK ((key ~~ '_%:_%'::text))
);

ALTER TABLE ONLY executor.checkpoint FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.checkpoint OWNER TO reactor_owner;

ALTER TABLE executor.checkpoint ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME executor.checkpoint_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE executor.function (
    org_id text NOT NULL,
    name text NOT NULL,
    runtime text NOT NULL,
    live_version integer,
    last_version integer DEFAULT 0 NOT NULL,
    network boolean DEFAULT true NOT NULL,
    env text DEFAULT '{}'::text NOT NULL,
    secrets text DEFAULT '{}'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT function_has_a_known_runtime CHECK ((runtime = ANY (ARRAY['bun'::text, 'node'::text]))),
    CONSTRAINT function_lives_in_a_version_it_had CHECK (((live_version >= 1) AND (live_version <= last_version)))
);

ALTER TABLE ONLY executor.function FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.function OWNER TO reactor_owner;

CREATE TABLE executor.function_pin (
    org_id text NOT NULL,
    run_id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY executor.function_pin FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.function_pin OWNER TO reactor_owner;

CREATE TABLE executor.function_version (
    org_id text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    id uuid NOT NULL,
    runtime text NOT NULL,
    entry text NOT NULL,
    bundle bytea NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    files integer NOT NULL,
    network boolean DEFAULT true NOT NULL,
    env text DEFAULT '{}'::text NOT NULL,
    secrets text DEFAULT '{}'::text NOT NULL,
    job text,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    exports text,
    triggers text,
    CONSTRAINT function_version_has_a_known_runtime CHECK ((runtime = ANY (ARRAY['bun'::text, 'node'::text]))),
    CONSTRAINT function_versions_count_from_one CHECK ((version > 0))
);
ALTER TABLE ONLY executor.function_version ALTER COLUMN bundle SET STORAGE EXTERNAL;

ALTER TABLE ONLY executor.function_version FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.function_version OWNER TO reactor_owner;

CREATE TABLE executor.instance (
    id uuid NOT NULL,
    name text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    heartbeat_at timestamp with time zone NOT NULL
);

ALTER TABLE executor.instance OWNER TO reactor_owner;

CREATE TABLE executor.lease (
    org_id text NOT NULL,
    run_id uuid NOT NULL,
    epoch integer NOT NULL,
    attempt integer NOT NULL,
    job text NOT NULL,
    handler text NOT NULL,
    instance uuid NOT NULL,
    worker text NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    deadline timestamp with time zone NOT NULL,
    CONSTRAINT lease_ends_after_it_begins CHECK ((deadline >= claimed_at)),
    CONSTRAINT lease_epochs_count_from_one CHECK ((epoch > 0))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY executor.lease FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.lease OWNER TO reactor_owner;

CREATE TABLE executor.log (
    org_id text NOT NULL,
    id bigint NOT NULL,
    run_id uuid NOT NULL,
    job text NOT NULL,
    attempt integer NOT NULL,
    ts timestamp with time zone NOT NULL,
    level text NOT NULL,
    step text,
    message text NOT NULL
);

ALTER TABLE ONLY executor.log FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.log OWNER TO reactor_owner;

ALTER TABLE executor.log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME executor.log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE executor.migration (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL
);

ALTER TABLE executor.migration OWNER TO reactor_owner;

CREATE TABLE executor.outbox (
    org_id text NOT NULL,
    id uuid NOT NULL,
    queue text NOT NULL,
    body bytea NOT NULL,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY executor.outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE executor.outbox OWNER TO reactor_owner;

ALTER TABLE ONLY executor.migration
    ADD CONSTRAINT "PK_migration" PRIMARY KEY ("MigrationId");

ALTER TABLE ONLY executor.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (org_id, run_id, epoch);

ALTER TABLE ONLY executor.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (org_id, run_id, key);

ALTER TABLE ONLY executor.function_pin
    ADD CONSTRAINT function_pin_pkey PRIMARY KEY (org_id, run_id, name);

ALTER TABLE ONLY executor.function
    ADD CONSTRAINT function_pkey PRIMARY KEY (org_id, name);

ALTER TABLE ONLY executor.function_version
    ADD CONSTRAINT function_version_pkey PRIMARY KEY (org_id, name, version);

ALTER TABLE ONLY executor.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY executor.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (org_id, run_id);

ALTER TABLE ONLY executor.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (org_id, id);

ALTER TABLE ONLY executor.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (org_id, id);

CREATE INDEX log_of_job ON executor.log USING btree (org_id, job, id);

CREATE INDEX log_of_run ON executor.log USING btree (org_id, run_id, id);

ALTER TABLE ONLY executor.function
    ADD CONSTRAINT function_live_version_is_there FOREIGN KEY (org_id, name, live_version) REFERENCES executor.function_version(org_id, name, version) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY executor.function_pin
    ADD CONSTRAINT function_pin_holds_a_version FOREIGN KEY (org_id, name, version) REFERENCES executor.function_version(org_id, name, version);

ALTER TABLE ONLY executor.function_version
    ADD CONSTRAINT function_version_of_a_function FOREIGN KEY (org_id, name) REFERENCES executor.function(org_id, name);

ALTER TABLE executor.attempt ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.checkpoint ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.function ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.function_pin ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.function_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.lease ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.log ENABLE ROW LEVEL SECURITY;

ALTER TABLE executor.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_org ON executor.attempt USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.checkpoint USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.function USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.function_pin USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.function_version USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.lease USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.log USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY own_org ON executor.outbox USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY sweep ON executor.attempt FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.checkpoint FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.function FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.function_pin FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.function_version FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.lease FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.log FOR SELECT TO reactor_executor_sweep USING (true);

CREATE POLICY sweep ON executor.outbox FOR SELECT TO reactor_executor_sweep USING (true);

GRANT USAGE ON SCHEMA executor TO reactor_executor;
GRANT USAGE ON SCHEMA executor TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.attempt TO reactor_executor;
GRANT SELECT ON TABLE executor.attempt TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.checkpoint TO reactor_executor;
GRANT SELECT ON TABLE executor.checkpoint TO reactor_executor_sweep;

GRANT USAGE ON SEQUENCE executor.checkpoint_seq_seq TO reactor_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.function TO reactor_executor;
GRANT SELECT ON TABLE executor.function TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.function_pin TO reactor_executor;
GRANT SELECT ON TABLE executor.function_pin TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.function_version TO reactor_executor;
GRANT SELECT ON TABLE executor.function_version TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.instance TO reactor_executor;
GRANT SELECT ON TABLE executor.instance TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.lease TO reactor_executor;
GRANT SELECT ON TABLE executor.lease TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.log TO reactor_executor;
GRANT SELECT ON TABLE executor.log TO reactor_executor_sweep;

GRANT USAGE ON SEQUENCE executor.log_id_seq TO reactor_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.migration TO reactor_executor;
GRANT SELECT ON TABLE executor.migration TO reactor_executor_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE executor.outbox TO reactor_executor;
GRANT SELECT ON TABLE executor.outbox TO reactor_executor_sweep;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA executor GRANT USAGE ON SEQUENCES  TO reactor_executor;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA executor GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO reactor_executor;
ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA executor GRANT SELECT ON TABLES  TO reactor_executor_sweep;
