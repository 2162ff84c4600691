CREATE SCHEMA ingress;

ALTER SCHEMA ingress OWNER TO reactor_owner;

CREATE TABLE ingress.hook (
    org_id text NOT NULL,
    trigger_id text NOT NULL,
    job text NOT NULL,
    token_hash bytea,
    path text,
    methods text[] NOT NULL,
    verify text,
    key_id text,
    nonce bytea,
    ciphertext bytea,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT hook_has_a_token_or_a_path CHECK (((token_hash IS NULL) <> (path IS NULL))),
    CONSTRAINT hook_of_a_path_is_verified CHECK (((path IS NULL) OR (verify IS NOT NULL))),
    CONSTRAINT hook_secrets_are_sealed CHECK ((((key_id IS NULL) = (nonce IS NULL)) AND ((key_id IS NULL) = (ciphertext IS NULL)))),
    CONSTRAINT hook_token_hash_is_sha256 CHECK ((length(token_hash) = 32))
);

ALTER TABLE ONLY ingress.hook FORCE ROW LEVEL SECURITY;

ALTER TABLE ingress.hook OWNER TO reactor_owner;

CREATE TABLE ingress.hook_delivery (
    org_id text NOT NULL,
    id uuid NOT NULL,
    trigger_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    verdict text NOT NULL,
    reason text,
    status smallint NOT NULL,
    run_id uuid,
    delivery_id text,
    redelivery_of uuid,
    method text NOT NULL,
    size integer NOT NULL,
    content_type text,
    detail text,
    body bytea
);

ALTER TABLE ONLY ingress.hook_delivery FORCE ROW LEVEL SECURITY;

ALTER TABLE ingress.hook_delivery OWNER TO reactor_owner;

CREATE TABLE ingress.migration (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL
);

ALTER TABLE ingress.migration OWNER TO reactor_owner;

CREATE TABLE ingress.org (
    id text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY ingress.org FORCE ROW LEVEL SECURITY;

ALTER TABLE ingress.org OWNER TO reactor_owner;

CREATE TABLE ingress.secret (
    org_id text NOT NULL,
    path text NOT NULL,
    key_id text NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT secret_has_a_tag_and_at_most_64_kib CHECK (((length(ciphertext) >= 17) AND (length(ciphertext) <= 65552))),
    CONSTRAINT secret_nonce_has_12_bytes CHECK ((length(nonce) = 12)),
    CONSTRAINT secret_path_is_a_path CHECK ((path ~ '^[a-z0-9][a-z0-9_./-]{0,127}$'::text))
);

ALTER TABLE ONLY ingress.secret FORCE ROW LEVEL SECURITY;

ALTER TABLE ingress.secret OWNER TO reactor_owner;

CREATE TABLE ingress.service_token (
    hash bytea NOT NULL,
    id uuid NOT NULL,
    org_id text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT service_token_hash_is_sha256 CHECK ((length(hash) = 32)),
    CONSTRAINT service_token_name_has_1_to_128_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 128)))
);

ALTER TABLE ONLY ingress.service_token FORCE ROW LEVEL SECURITY;

ALTER TABLE ingress.service_token OWNER TO reactor_owner;

ALTER TABLE ONLY ingress.migration
    ADD CONSTRAINT "PK_migration" PRIMARY KEY ("MigrationId");

ALTER TABLE ONLY ingress.hook_delivery
    ADD CONSTRAINT hook_delivery_id PRIMARY KEY (org_id, trigger_id, id);

ALTER TABLE ONLY ingress.hook
    ADD CONSTRAINT hook_of_trigger PRIMARY KEY (org_id, trigger_id);

ALTER TABLE ONLY ingress.hook
    ADD CONSTRAINT hook_path UNIQUE (org_id, path);

ALTER TABLE ONLY ingress.hook
    ADD CONSTRAINT hook_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY ingress.org
    ADD CONSTRAINT org_id PRIMARY KEY (id);

ALTER TABLE ONLY ingress.secret
    ADD CONSTRAINT secret_path PRIMARY KEY (org_id, path);

ALTER TABLE ONLY ingress.service_token
    ADD CONSTRAINT service_token_hash PRIMARY KEY (hash);

ALTER TABLE ONLY ingress.service_token
    ADD CONSTRAINT service_token_id UNIQUE (org_id, id);

CREATE INDEX hook_key ON ingress.hook USING btree (key_id, org_id, trigger_id) WHERE (key_id IS NOT NULL);

CREATE INDEX secret_key ON ingress.secret USING btree (key_id, org_id, path);

ALTER TABLE ONLY ingress.hook_delivery
    ADD CONSTRAINT hook_delivery_of_hook FOREIGN KEY (org_id, trigger_id) REFERENCES ingress.hook(org_id, trigger_id) ON DELETE CASCADE;

ALTER TABLE ONLY ingress.hook
    ADD CONSTRAINT hook_of_org FOREIGN KEY (org_id) REFERENCES ingress.org(id);

ALTER TABLE ONLY ingress.secret
    ADD CONSTRAINT secret_of_org FOREIGN KEY (org_id) REFERENCES ingress.org(id);

ALTER TABLE ONLY ingress.service_token
    ADD CONSTRAINT service_token_of_org FOREIGN KEY (org_id) REFERENCES ingress.org(id);

ALTER TABLE ingress.hook ENABLE ROW LEVEL SECURITY;

ALTER TABLE ingress.hook_delivery ENABLE ROW LEVEL SECURITY;

CREATE POLICY named_orgs ON ingress.hook USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON ingress.hook_delivery USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON ingress.org USING ((id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON ingress.secret USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

CREATE POLICY named_orgs ON ingress.service_token USING ((org_id = ANY ((NULLIF(( SELECT current_setting('app.orgs'::text, true) AS current_setting), ''::text))::text[])));

ALTER TABLE ingress.org ENABLE ROW LEVEL SECURITY;

ALTER TABLE ingress.secret ENABLE ROW LEVEL SECURITY;

ALTER TABLE ingress.service_token ENABLE ROW LEVEL SECURITY;

CREATE POLICY sweep ON ingress.hook FOR SELECT TO reactor_ingress_sweep USING (true);

CREATE POLICY sweep ON ingress.hook_delivery FOR SELECT TO reactor_ingress_sweep USING (true);

CREATE POLICY sweep ON ingress.org FOR SELECT TO reactor_ingress_sweep USING (true);

CREATE POLICY sweep ON ingress.secret FOR SELECT TO reactor_ingress_sweep USING (true);

CREATE POLICY sweep ON ingress.service_token FOR SELECT TO reactor_ingress_sweep USING (true);

GRANT USAGE ON SCHEMA ingress TO reactor_ingress;
GRANT USAGE ON SCHEMA ingress TO reactor_ingress_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ingress.hook TO reactor_ingress;
GRANT SELECT ON TABLE ingress.hook TO reactor_ingress_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ingress.hook_delivery TO reactor_ingress;
GRANT SELECT ON TABLE ingress.hook_delivery TO reactor_ingress_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ingress.migration TO reactor_ingress;
GRANT SELECT ON TABLE ingress.migration TO reactor_ingress_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ingress.org TO reactor_ingress;
GRANT SELECT ON TABLE ingress.org TO reactor_ingress_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ingress.secret TO reactor_ingress;
GRANT SELECT ON TABLE ingress.secret TO reactor_ingress_sweep;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE ingress.service_token TO reactor_ingress;
GRANT SELECT ON TABLE ingress.service_token TO reactor_ingress_sweep;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA ingress GRANT USAGE ON SEQUENCES  TO reactor_ingress;

ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA ingress GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO reactor_ingress;
ALTER DEFAULT PRIVILEGES FOR ROLE reactor_owner IN SCHEMA ingress GRANT SELECT ON TABLES  TO reactor_ingress_sweep;
