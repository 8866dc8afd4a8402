create table account (
  id text collate "C" not null,
  org_id text collate "C" not null,
  name text collate "C" not null,
  type text collate "C" not null,
  settings text collate "C" not null,
  audit_head text collate "C" not null,
  created_at bigint not null,
  rights_revision bigint not null,
  fleet_revision bigint not null,
  audit_sequence bigint not null,
  constraint account_org_id UNIQUE (org_id),
  constraint account_pk PRIMARY KEY (id)
);

create table api_token (
  account_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null,
  disabled smallint not null,
  issued_on bigint not null,
  modified_on bigint not null,
  last_used_on bigint,
  expires_on bigint,
  not_before bigint,
  condition text collate "C",
  constraint api_token_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint api_token_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX api_token_by_age ON public.api_token USING btree (account_id, issued_on, id);

create table audit_entry (
  account_id text collate "C" not null,
  sequence bigint not null,
  id text collate "C" not null,
  text text collate "C" not null,
  hash text collate "C" not null,
  at bigint not null,
  constraint audit_entry_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint audit_entry_pk PRIMARY KEY (account_id, sequence)
);

create table audit_list (
  account_id text collate "C" not null,
  sequence bigint not null,
  "position" bigint not null,
  name text collate "C" not null,
  ids text collate "C" not null,
  constraint audit_list_entry FOREIGN KEY (account_id, sequence) REFERENCES audit_entry(account_id, sequence),
  constraint audit_list_pk PRIMARY KEY (account_id, sequence, "position")
);

create table client_version (
  account_id text collate "C" not null,
  environment text collate "C" not null,
  version text collate "C" not null,
  version_key text collate "C" not null,
  release_track text collate "C" not null,
  package_url text collate "C",
  release_notes text collate "C",
  package_size bigint,
  release_date bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint client_version_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint client_version_pk PRIMARY KEY (account_id, environment, version)
);

create table credential (
  hash text collate "C" not null,
  account_id text collate "C" not null,
  token_id text collate "C" not null,
  constraint credential_pk PRIMARY KEY (hash),
  constraint credential_token FOREIGN KEY (account_id, token_id) REFERENCES api_token(account_id, id)
);

CREATE INDEX credential_by_token ON public.credential USING btree (account_id, token_id);

create table deployment_group (
  account_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null,
  targets text collate "C" not null,
  policy_ids text collate "C",
  created_at bigint not null,
  updated_at bigint not null,
  assigned_at bigint not null default 0,
  constraint deployment_group_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint deployment_group_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX deployment_group_by_age ON public.deployment_group USING btree (account_id, created_at, id);

create table deployment_group_policy (
  account_id text collate "C" not null,
  device_policy_id text collate "C" not null,
  group_id text collate "C" not null,
  constraint deployment_group_policy_group FOREIGN KEY (account_id, group_id) REFERENCES deployment_group(account_id, id),
  constraint deployment_group_policy_pk PRIMARY KEY (account_id, device_policy_id)
);

CREATE INDEX deployment_group_policy_by_group ON public.deployment_group_policy USING btree (account_id, group_id);

create table device (
  account_id text collate "C" not null,
  id text collate "C" not null,
  device_identifier text collate "C" not null,
  platform text collate "C" not null,
  status text collate "C" not null,
  os_version text collate "C",
  sdk_version text collate "C",
  app_id text collate "C",
  app_version text collate "C",
  manufacturer text collate "C",
  model text collate "C",
  cpu_architecture text collate "C",
  locale text collate "C",
  region text collate "C",
  timezone text collate "C",
  gpu_available smallint,
  npu_available smallint,
  charging smallint,
  total_memory_mb bigint,
  available_storage_mb bigint,
  battery_pct double precision,
  capabilities text collate "C" not null,
  metadata text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  os_version_key text collate "C",
  sdk_version_key text collate "C",
  app_version_key text collate "C",
  client_version text collate "C",
  client_version_key text collate "C",
  client_version_source text collate "C",
  manufacturer_key text collate "C",
  locale_key text collate "C",
  region_key text collate "C",
  network text collate "C",
  service_token_uuid text collate "C",
  user_id text collate "C",
  user_email text collate "C",
  user_name text collate "C",
  platform_key text collate "C" not null default ''::text,
  identifier_key text collate "C" not null default ''::text,
  user_groups text collate "C" not null default '[]'::text,
  saml_attributes text collate "C" not null default '[]'::text,
  owners text collate "C" not null default '{}'::text,
  client_version_at bigint,
  npu_known smallint,
  bucket double precision not null default 0,
  constraint device_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint device_identifier UNIQUE (account_id, device_identifier),
  constraint device_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX device_by_age ON public.device USING btree (account_id, created_at, id);

create table device_credential (
  hash text collate "C" not null,
  account_id text collate "C" not null,
  device_id text collate "C" not null,
  issued_at bigint not null,
  constraint device_credential_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_credential_pk PRIMARY KEY (hash)
);

CREATE INDEX device_credential_by_device ON public.device_credential USING btree (account_id, device_id);

create table device_group (
  account_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null,
  name_folded text collate "C" not null,
  type text collate "C" not null,
  tags text collate "C" not null,
  description text collate "C",
  is_active smallint not null,
  device_count bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint device_group_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint device_group_name UNIQUE (account_id, name_folded),
  constraint device_group_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX device_group_by_age ON public.device_group USING btree (account_id, created_at, id);

create table device_group_exclusion (
  account_id text collate "C" not null,
  group_id text collate "C" not null,
  device_id text collate "C" not null,
  added_at bigint not null,
  added_by text collate "C",
  constraint device_group_exclusion_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_group_exclusion_group FOREIGN KEY (account_id, group_id) REFERENCES device_group(account_id, id),
  constraint device_group_exclusion_pk PRIMARY KEY (account_id, group_id, device_id)
);

CREATE INDEX device_group_exclusion_by_device ON public.device_group_exclusion USING btree (account_id, device_id, group_id);

create table device_group_member (
  account_id text collate "C" not null,
  group_id text collate "C" not null,
  device_id text collate "C" not null,
  type text collate "C" not null,
  added_at bigint not null,
  added_by text collate "C",
  rules_revision bigint,
  constraint device_group_member_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_group_member_group FOREIGN KEY (account_id, group_id) REFERENCES device_group(account_id, id),
  constraint device_group_member_pk PRIMARY KEY (account_id, group_id, device_id)
);

CREATE INDEX device_group_member_by_age ON public.device_group_member USING btree (account_id, group_id, added_at, device_id);

CREATE INDEX device_group_member_by_device ON public.device_group_member USING btree (account_id, device_id, group_id);

create table device_group_rule (
  account_id text collate "C" not null,
  group_id text collate "C" not null,
  rules text collate "C" not null,
  revision bigint not null,
  evaluating smallint not null,
  evaluated_at bigint,
  constraint device_group_rule_group FOREIGN KEY (account_id, group_id) REFERENCES device_group(account_id, id),
  constraint device_group_rule_pk PRIMARY KEY (account_id, group_id)
);

create table device_group_tag (
  account_id text collate "C" not null,
  group_id text collate "C" not null,
  tag text collate "C" not null,
  constraint device_group_tag_group FOREIGN KEY (account_id, group_id) REFERENCES device_group(account_id, id),
  constraint device_group_tag_pk PRIMARY KEY (account_id, tag, group_id)
);

CREATE INDEX device_group_tag_by_group ON public.device_group_tag USING btree (account_id, group_id);

create table device_identity (
  account_id text collate "C" not null,
  device_id text collate "C" not null,
  kind text collate "C" not null,
  value text collate "C" not null,
  constraint device_identity_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_identity_pk PRIMARY KEY (account_id, device_id, kind, value)
);

CREATE INDEX device_identity_by_value ON public.device_identity USING btree (account_id, kind, value, device_id);

create table device_label (
  account_id text collate "C" not null,
  device_id text collate "C" not null,
  key text collate "C" not null,
  value text collate "C" not null,
  constraint device_label_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_label_pk PRIMARY KEY (account_id, device_id, key)
);

CREATE INDEX device_label_by_value ON public.device_label USING btree (account_id, key, value, device_id);

create table device_outcome (
  account_id text collate "C" not null,
  device_id text collate "C" not null,
  version text collate "C" not null,
  version_key text collate "C" not null,
  state text collate "C" not null,
  attempted_at bigint not null,
  error_code text collate "C",
  detail text collate "C",
  first_failed_at bigint,
  last_failed_at bigint,
  first_error_code text collate "C",
  first_detail text collate "C",
  last_error_code text collate "C",
  last_detail text collate "C",
  constraint device_outcome_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_outcome_pk PRIMARY KEY (account_id, device_id)
);

create table device_policy (
  account_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null,
  description text collate "C" not null,
  expression text collate "C",
  precedence bigint,
  enabled smallint not null,
  is_default smallint not null,
  settings text collate "C" not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint device_policy_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint device_policy_pk PRIMARY KEY (account_id, id),
  constraint device_policy_precedence UNIQUE (account_id, precedence)
);

create table device_seen (
  account_id text collate "C" not null,
  device_id text collate "C" not null,
  last_seen_at bigint not null,
  asked_at bigint,
  heard text collate "C",
  told text collate "C",
  constraint device_seen_device FOREIGN KEY (account_id, device_id) REFERENCES device(account_id, id),
  constraint device_seen_pk PRIMARY KEY (account_id, device_id)
);

create table device_total (
  account_id text collate "C" not null,
  device_count bigint not null,
  constraint device_total_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint device_total_pk PRIMARY KEY (account_id)
);

create table enrolment_token (
  account_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null,
  hash text collate "C" not null,
  fixed text collate "C" not null,
  disabled smallint not null,
  created_at bigint not null,
  updated_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  constraint enrolment_token_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint enrolment_token_hash UNIQUE (hash),
  constraint enrolment_token_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX enrolment_token_by_age ON public.enrolment_token USING btree (account_id, created_at, id);

create table iam_policy (
  account_id text collate "C" not null,
  owner_kind text collate "C" not null,
  owner_id text collate "C" not null,
  "position" bigint not null,
  id text collate "C" not null,
  access text collate "C" not null,
  permission_groups text collate "C" not null,
  resources text collate "C" not null,
  constraint iam_policy_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint iam_policy_id UNIQUE (account_id, id),
  constraint iam_policy_pk PRIMARY KEY (account_id, owner_kind, owner_id, "position")
);

create table iam_policy_resource_group (
  account_id text collate "C" not null,
  policy_id text collate "C" not null,
  resource_group_id text collate "C" not null,
  "position" bigint not null,
  constraint iam_policy_resource_group_group FOREIGN KEY (account_id, resource_group_id) REFERENCES resource_group(account_id, id),
  constraint iam_policy_resource_group_pk PRIMARY KEY (account_id, policy_id, "position"),
  constraint iam_policy_resource_group_policy FOREIGN KEY (account_id, policy_id) REFERENCES iam_policy(account_id, id)
);

CREATE INDEX iam_policy_resource_group_by_group ON public.iam_policy_resource_group USING btree (account_id, resource_group_id);

create table import_job (
  account_id text collate "C" not null,
  id text collate "C" not null,
  state text collate "C" not null,
  options text collate "C" not null,
  counts text collate "C" not null,
  faults text collate "C" not null,
  next_line bigint not null,
  started_at bigint not null,
  updated_at bigint not null,
  constraint import_job_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint import_job_pk PRIMARY KEY (account_id, id)
);

create table installation (
  id text collate "C" not null,
  constraint installation_pk PRIMARY KEY (id)
);

create table invitation (
  hash text collate "C" not null,
  account_id text collate "C" not null,
  member_id text collate "C" not null,
  issuer_kind text collate "C" not null,
  issuer text collate "C" not null,
  held text collate "C" not null,
  expires_at bigint not null,
  constraint invitation_member FOREIGN KEY (account_id, member_id) REFERENCES member(account_id, id),
  constraint invitation_pk PRIMARY KEY (hash)
);

CREATE INDEX invitation_by_member ON public.invitation USING btree (account_id, member_id);

create table member (
  account_id text collate "C" not null,
  id text collate "C" not null,
  email text collate "C" not null,
  email_key text collate "C" not null,
  status text collate "C" not null,
  user_id text collate "C",
  created_at bigint not null,
  constraint member_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint member_email UNIQUE (account_id, email_key),
  constraint member_of_user FOREIGN KEY (user_id) REFERENCES "user"(id),
  constraint member_pk PRIMARY KEY (account_id, id),
  constraint member_user UNIQUE (account_id, user_id)
);

CREATE INDEX member_by_age ON public.member USING btree (account_id, created_at, id);

CREATE INDEX member_by_user ON public.member USING btree (user_id, account_id);

create table resource_group (
  account_id text collate "C" not null,
  id text collate "C" not null,
  origin text collate "C" not null,
  scope text collate "C" not null,
  fingerprint text collate "C" not null,
  name text collate "C",
  created_on bigint not null,
  modified_on bigint not null,
  constraint resource_group_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint resource_group_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX resource_group_by_age ON public.resource_group USING btree (account_id, created_on, id);

CREATE INDEX resource_group_by_fingerprint ON public.resource_group USING btree (account_id, fingerprint);

create table "user" (
  id text collate "C" not null,
  email text collate "C" not null,
  email_key text collate "C" not null,
  key_hash text collate "C" not null,
  owns_installation smallint not null,
  created_at bigint not null,
  has_key smallint not null default 1,
  constraint user_email UNIQUE (email_key),
  constraint user_key UNIQUE (key_hash),
  constraint user_pk PRIMARY KEY (id)
);

create table user_group (
  account_id text collate "C" not null,
  id text collate "C" not null,
  name text collate "C" not null,
  name_folded text collate "C" not null,
  lists_policies smallint not null,
  created_on bigint not null,
  modified_on bigint not null,
  constraint user_group_account FOREIGN KEY (account_id) REFERENCES account(id),
  constraint user_group_pk PRIMARY KEY (account_id, id)
);

CREATE INDEX user_group_by_name ON public.user_group USING btree (account_id, name_folded, id);

create table user_group_member (
  account_id text collate "C" not null,
  group_id text collate "C" not null,
  member_id text collate "C" not null,
  "position" bigint not null,
  created_at bigint not null,
  constraint user_group_member_group FOREIGN KEY (account_id, group_id) REFERENCES user_group(account_id, id),
  constraint user_group_member_member FOREIGN KEY (account_id, member_id) REFERENCES member(account_id, id),
  constraint user_group_member_pk PRIMARY KEY (account_id, group_id, member_id)
);

CREATE INDEX user_group_member_by_member ON public.user_group_member USING btree (account_id, member_id, group_id);

CREATE INDEX user_group_member_by_position ON public.user_group_member USING btree (account_id, group_id, "position");

create table user_token (
  id text collate "C" not null,
  user_id text collate "C" not null,
  hash text collate "C" not null,
  name text collate "C" not null,
  policies text collate "C" not null,
  disabled smallint not null,
  issued_on bigint not null,
  modified_on bigint not null,
  last_used_on bigint,
  expires_on bigint,
  not_before bigint,
  condition text collate "C",
  constraint user_token_hash UNIQUE (hash),
  constraint user_token_pk PRIMARY KEY (id),
  constraint user_token_user FOREIGN KEY (user_id) REFERENCES "user"(id)
);

CREATE INDEX user_token_by_user ON public.user_token USING btree (user_id, issued_on, id);
