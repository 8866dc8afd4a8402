create table "account" (
  "id" text not null,
  "org_id" text not null,
  "name" text not null,
  "type" text not null,
  "settings" text not null,
  "audit_head" text not null,
  "created_at" integer not null,
  "rights_revision" integer not null,
  "fleet_revision" integer not null,
  "audit_sequence" integer not null,
  constraint "account_pk" primary key ("id"),
  constraint "account_org_id" unique ("org_id")
);

create table "api_token" (
  "account_id" text not null,
  "id" text not null,
  "name" text not null,
  "disabled" integer not null,
  "issued_on" integer not null,
  "modified_on" integer not null,
  "last_used_on" integer,
  "expires_on" integer,
  "not_before" integer,
  "condition" text,
  constraint "api_token_pk" primary key ("account_id", "id"),
  constraint "api_token_account" foreign key ("account_id") references "account" ("id")
);

create index "api_token_by_age" on "api_token" ("account_id", "issued_on", "id");

create table "audit_entry" (
  "account_id" text not null,
  "sequence" integer not null,
  "id" text not null,
  "text" text not null,
  "hash" text not null,
  "at" integer not null,
  constraint "audit_entry_pk" primary key ("account_id", "sequence"),
  constraint "audit_entry_account" foreign key ("account_id") references "account" ("id")
);

create table "audit_list" (
  "account_id" text not null,
  "sequence" integer not null,
  "position" integer not null,
  "name" text not null,
  "ids" text not null,
  constraint "audit_list_pk" primary key ("account_id", "sequence", "position"),
  constraint "audit_list_entry" foreign key ("account_id", "sequence") references "audit_entry" ("account_id", "sequence")
);

create table "client_version" (
  "account_id" text not null,
  "environment" text not null,
  "version" text not null,
  "version_key" text not null,
  "release_track" text not null,
  "package_url" text,
  "release_notes" text,
  "package_size" integer,
  "release_date" integer not null,
  "created_at" integer not null,
  "updated_at" integer not null,
  constraint "client_version_pk" primary key ("account_id", "environment", "version"),
  constraint "client_version_account" foreign key ("account_id") references "account" ("id")
);

create table "credential" (
  "hash" text not null,
  "account_id" text not null,
  "token_id" text not null,
  constraint "credential_pk" primary key ("hash"),
  constraint "credential_token" foreign key ("account_id", "token_id") references "api_token" ("account_id", "id")
);

create index "credential_by_token" on "credential" ("account_id", "token_id");

create table "deployment_group" (
  "account_id" text not null,
  "id" text not null,
  "name" text not null,
  "targets" text not null,
  "policy_ids" text,
  "created_at" integer not null,
  "updated_at" integer not null,
  "assigned_at" integer default 0 not null,
  constraint "deployment_group_pk" primary key ("account_id", "id"),
  constraint "deployment_group_account" foreign key ("account_id") references "account" ("id")
);

create index "deployment_group_by_age" on "deployment_group" ("account_id", "created_at", "id");

create table "deployment_group_policy" (
  "account_id" text not null,
  "device_policy_id" text not null,
  "group_id" text not null,
  constraint "deployment_group_policy_pk" primary key ("account_id", "device_policy_id"),
  constraint "deployment_group_policy_group" foreign key ("account_id", "group_id") references "deployment_group" ("account_id", "id")
);

create index "deployment_group_policy_by_group" on "deployment_group_policy" ("account_id", "group_id");

create table "device" (
  "account_id" text not null,
  "id" text not null,
  "device_identifier" text not null,
  "platform" text not null,
  "status" text not null,
  "os_version" text,
  "sdk_version" text,
  "app_id" text,
  "app_version" text,
  "manufacturer" text,
  "model" text,
  "cpu_architecture" text,
  "locale" text,
  "region" text,
  "timezone" text,
  "gpu_available" integer,
  "npu_available" integer,
  "charging" integer,
  "total_memory_mb" integer,
  "available_storage_mb" integer,
  "battery_pct" double precision,
  "capabilities" text not null,
  "metadata" text not null,
  "created_at" integer not null,
  "updated_at" integer not null,
  "os_version_key" text,
  "sdk_version_key" text,
  "app_version_key" text,
  "client_version" text,
  "client_version_key" text,
  "client_version_source" text,
  "manufacturer_key" text,
  "locale_key" text,
  "region_key" text,
  "network" text,
  "service_token_uuid" text,
  "user_id" text,
  "user_email" text,
  "user_name" text,
  "platform_key" text default '' not null,
  "identifier_key" text default '' not null,
  "user_groups" text default '[]' not null,
  "saml_attributes" text default '[]' not null,
  "owners" text default '{}' not null,
  "client_version_at" integer,
  "npu_known" integer,
  "bucket" double precision default 0 not null,
  constraint "device_pk" primary key ("account_id", "id"),
  constraint "device_identifier" unique ("account_id", "device_identifier"),
  constraint "device_account" foreign key ("account_id") references "account" ("id")
);

create index "device_by_age" on "device" ("account_id", "created_at", "id");

create table "device_credential" (
  "hash" text not null,
  "account_id" text not null,
  "device_id" text not null,
  "issued_at" integer not null,
  constraint "device_credential_pk" primary key ("hash"),
  constraint "device_credential_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create index "device_credential_by_device" on "device_credential" ("account_id", "device_id");

create table "device_group" (
  "account_id" text not null,
  "id" text not null,
  "name" text not null,
  "name_folded" text not null,
  "type" text not null,
  "tags" text not null,
  "description" text,
  "is_active" integer not null,
  "device_count" integer not null,
  "created_at" integer not null,
  "updated_at" integer not null,
  constraint "device_group_pk" primary key ("account_id", "id"),
  constraint "device_group_name" unique ("account_id", "name_folded"),
  constraint "device_group_account" foreign key ("account_id") references "account" ("id")
);

create index "device_group_by_age" on "device_group" ("account_id", "created_at", "id");

create table "device_group_exclusion" (
  "account_id" text not null,
  "group_id" text not null,
  "device_id" text not null,
  "added_at" integer not null,
  "added_by" text,
  constraint "device_group_exclusion_pk" primary key ("account_id", "group_id", "device_id"),
  constraint "device_group_exclusion_group" foreign key ("account_id", "group_id") references "device_group" ("account_id", "id"),
  constraint "device_group_exclusion_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create index "device_group_exclusion_by_device" on "device_group_exclusion" ("account_id", "device_id", "group_id");

create table "device_group_member" (
  "account_id" text not null,
  "group_id" text not null,
  "device_id" text not null,
  "type" text not null,
  "added_at" integer not null,
  "added_by" text,
  "rules_revision" integer,
  constraint "device_group_member_pk" primary key ("account_id", "group_id", "device_id"),
  constraint "device_group_member_group" foreign key ("account_id", "group_id") references "device_group" ("account_id", "id"),
  constraint "device_group_member_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create index "device_group_member_by_age" on "device_group_member" ("account_id", "group_id", "added_at", "device_id");

create index "device_group_member_by_device" on "device_group_member" ("account_id", "device_id", "group_id");

create table "device_group_rule" (
  "account_id" text not null,
  "group_id" text not null,
  "rules" text not null,
  "revision" integer not null,
  "evaluating" integer not null,
  "evaluated_at" integer,
  constraint "device_group_rule_pk" primary key ("account_id", "group_id"),
  constraint "device_group_rule_group" foreign key ("account_id", "group_id") references "device_group" ("account_id", "id")
);

create table "device_group_tag" (
  "account_id" text not null,
  "group_id" text not null,
  "tag" text not null,
  constraint "device_group_tag_pk" primary key ("account_id", "tag", "group_id"),
  constraint "device_group_tag_group" foreign key ("account_id", "group_id") references "device_group" ("account_id", "id")
);

create index "device_group_tag_by_group" on "device_group_tag" ("account_id", "group_id");

create table "device_identity" (
  "account_id" text not null,
  "device_id" text not null,
  "kind" text not null,
  "value" text not null,
  constraint "device_identity_pk" primary key ("account_id", "device_id", "kind", "value"),
  constraint "device_identity_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create index "device_identity_by_value" on "device_identity" ("account_id", "kind", "value", "device_id");

create table "device_label" (
  "account_id" text not null,
  "device_id" text not null,
  "key" text not null,
  "value" text not null,
  constraint "device_label_pk" primary key ("account_id", "device_id", "key"),
  constraint "device_label_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create index "device_label_by_value" on "device_label" ("account_id", "key", "value", "device_id");

create table "device_outcome" (
  "account_id" text not null,
  "device_id" text not null,
  "version" text not null,
  "version_key" text not null,
  "state" text not null,
  "attempted_at" integer not null,
  "error_code" text,
  "detail" text,
  "first_failed_at" integer,
  "last_failed_at" integer,
  "first_error_code" text,
  "first_detail" text,
  "last_error_code" text,
  "last_detail" text,
  constraint "device_outcome_pk" primary key ("account_id", "device_id"),
  constraint "device_outcome_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create table "device_policy" (
  "account_id" text not null,
  "id" text not null,
  "name" text not null,
  "description" text not null,
  "expression" text,
  "precedence" integer,
  "enabled" integer not null,
  "is_default" integer not null,
  "settings" text not null,
  "created_at" integer not null,
  "updated_at" integer not null,
  constraint "device_policy_pk" primary key ("account_id", "id"),
  constraint "device_policy_precedence" unique ("account_id", "precedence"),
  constraint "device_policy_account" foreign key ("account_id") references "account" ("id")
);

create table "device_seen" (
  "account_id" text not null,
  "device_id" text not null,
  "last_seen_at" integer not null,
  "asked_at" integer,
  "heard" text,
  "told" text,
  constraint "device_seen_pk" primary key ("account_id", "device_id"),
  constraint "device_seen_device" foreign key ("account_id", "device_id") references "device" ("account_id", "id")
);

create table "device_total" (
  "account_id" text not null,
  "device_count" integer not null,
  constraint "device_total_pk" primary key ("account_id"),
  constraint "device_total_account" foreign key ("account_id") references "account" ("id")
);

create table "enrolment_token" (
  "account_id" text not null,
  "id" text not null,
  "name" text not null,
  "hash" text not null,
  "fixed" text not null,
  "disabled" integer not null,
  "created_at" integer not null,
  "updated_at" integer not null,
  "expires_at" integer,
  "last_used_at" integer,
  constraint "enrolment_token_pk" primary key ("account_id", "id"),
  constraint "enrolment_token_hash" unique ("hash"),
  constraint "enrolment_token_account" foreign key ("account_id") references "account" ("id")
);

create index "enrolment_token_by_age" on "enrolment_token" ("account_id", "created_at", "id");

create table "iam_policy" (
  "account_id" text not null,
  "owner_kind" text not null,
  "owner_id" text not null,
  "position" integer not null,
  "id" text not null,
  "access" text not null,
  "permission_groups" text not null,
  "resources" text not null,
  constraint "iam_policy_pk" primary key ("account_id", "owner_kind", "owner_id", "position"),
  constraint "iam_policy_id" unique ("account_id", "id"),
  constraint "iam_policy_account" foreign key ("account_id") references "account" ("id")
);

create table "iam_policy_resource_group" (
  "account_id" text not null,
  "policy_id" text not null,
  "resource_group_id" text not null,
  "position" integer not null,
  constraint "iam_policy_resource_group_pk" primary key ("account_id", "policy_id", "position"),
  constraint "iam_policy_resource_group_policy" foreign key ("account_id", "policy_id") references "iam_policy" ("account_id", "id"),
  constraint "iam_policy_resource_group_group" foreign key ("account_id", "resource_group_id") references "resource_group" ("account_id", "id")
);

create index "iam_policy_resource_group_by_group" on "iam_policy_resource_group" ("account_id", "resource_group_id");

create table "import_job" (
  "account_id" text not null,
  "id" text not null,
  "state" text not null,
  "options" text not null,
  "counts" text not null,
  "faults" text not null,
  "next_line" integer not null,
  "started_at" integer not null,
  "updated_at" integer not null,
  constraint "import_job_pk" primary key ("account_id", "id"),
  constraint "import_job_account" foreign key ("account_id") references "account" ("id")
);

create table "installation" (
  "id" text not null,
  constraint "installation_pk" primary key ("id")
);

create table "invitation" (
  "hash" text not null,
  "account_id" text not null,
  "member_id" text not null,
  "issuer_kind" text not null,
  "issuer" text not null,
  "held" text not null,
  "expires_at" integer not null,
  constraint "invitation_pk" primary key ("hash"),
  constraint "invitation_member" foreign key ("account_id", "member_id") references "member" ("account_id", "id")
);

create index "invitation_by_member" on "invitation" ("account_id", "member_id");

create table "member" (
  "account_id" text not null,
  "id" text not null,
  "email" text not null,
  "email_key" text not null,
  "status" text not null,
  "user_id" text,
  "created_at" integer not null,
  constraint "member_pk" primary key ("account_id", "id"),
  constraint "member_email" unique ("account_id", "email_key"),
  constraint "member_user" unique ("account_id", "user_id"),
  constraint "member_account" foreign key ("account_id") references "account" ("id"),
  constraint "member_of_user" foreign key ("user_id") references "user" ("id")
);

create index "member_by_age" on "member" ("account_id", "created_at", "id");

create index "member_by_user" on "member" ("user_id", "account_id");

create table "resource_group" (
  "account_id" text not null,
  "id" text not null,
  "origin" text not null,
  "scope" text not null,
  "fingerprint" text not null,
  "name" text,
  "created_on" integer not null,
  "modified_on" integer not null,
  constraint "resource_group_pk" primary key ("account_id", "id"),
  constraint "resource_group_account" foreign key ("account_id") references "account" ("id")
);

create index "resource_group_by_age" on "resource_group" ("account_id", "created_on", "id");

create index "resource_group_by_fingerprint" on "resource_group" ("account_id", "fingerprint");

create table "user" (
  "id" text not null,
  "email" text not null,
  "email_key" text not null,
  "key_hash" text not null,
  "owns_installation" integer not null,
  "created_at" integer not null,
  "has_key" integer default 1 not null,
  constraint "user_pk" primary key ("id"),
  constraint "user_email" unique ("email_key"),
  constraint "user_key" unique ("key_hash")
);

create table "user_group" (
  "account_id" text not null,
  "id" text not null,
  "name" text not null,
  "name_folded" text not null,
  "lists_policies" integer not null,
  "created_on" integer not null,
  "modified_on" integer not null,
  constraint "user_group_pk" primary key ("account_id", "id"),
  constraint "user_group_account" foreign key ("account_id") references "account" ("id")
);

create index "user_group_by_name" on "user_group" ("account_id", "name_folded", "id");

create table "user_group_member" (
  "account_id" text not null,
  "group_id" text not null,
  "member_id" text not null,
  "position" integer not null,
  "created_at" integer not null,
  constraint "user_group_member_pk" primary key ("account_id", "group_id", "member_id"),
  constraint "user_group_member_group" foreign key ("account_id", "group_id") references "user_group" ("account_id", "id"),
  constraint "user_group_member_member" foreign key ("account_id", "member_id") references "member" ("account_id", "id")
);

create index "user_group_member_by_member" on "user_group_member" ("account_id", "member_id", "group_id");

create index "user_group_member_by_position" on "user_group_member" ("account_id", "group_id", "position");

create table "user_token" (
  "id" text not null,
  "user_id" text not null,
  "hash" text not null,
  "name" text not null,
  "policies" text not null,
  "disabled" integer not null,
  "issued_on" integer not null,
  "modified_on" integer not null,
  "last_used_on" integer,
  "expires_on" integer,
  "not_before" integer,
  "condition" text,
  constraint "user_token_pk" primary key ("id"),
  constraint "user_token_hash" unique ("hash"),
  constraint "user_token_user" foreign key ("user_id") references "user" ("id")
);

create index "user_token_by_user" on "user_token" ("user_id", "issued_on", "id");
