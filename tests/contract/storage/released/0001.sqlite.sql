-- An SQLite database of version 0.1.0 (migration 0001), taken with .dump: two companies that bought, tick and wait.
-- Secrets are sealed with the key "2026" of 32 bytes "k".

BEGIN TRANSACTION;
CREATE TABLE accounts (
	account_id TEXT NOT NULL, 
	platform TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	company_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (account_id), 
	CONSTRAINT one_account_per_company UNIQUE (platform, environment, company_id)
);
INSERT INTO "accounts" VALUES('id-2','procore','production','77','Company 77','2026-03-02 12:00:00.000000');
INSERT INTO "accounts" VALUES('id-24','procore','production','88','Company 88','2026-03-02 12:03:00.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE connections (
	account_id TEXT NOT NULL, 
	app TEXT NOT NULL, 
	sealed_tokens BLOB NOT NULL, 
	key_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (account_id, app)
);
INSERT INTO "connections" VALUES('id-2','planner',X'7AC3F97D6827ED45835A417F02B4621D6AA8C61D01DFC1B271DF656401F27CC8870247E14F5216209DCF943D94059F7A44FD98A9C4E1A023FE1F8D37E5BDD928E22E3D47942DDFA96F2DD19EF8C9B99E8F50D692A9EE97867452614D0264C03874EF696EA306A4A564CEFE2A43D7C412E98427389E112D5521A552B3E3FED471556E65B036EAABC454FC466673ECD729209F9FB990','2026',1);
INSERT INTO "connections" VALUES('id-24','planner',X'68DA429EEFB5C003D2BA753DA5C30A6EB332397E2C9E8C2E5F4E3603F8E6F2DA0AEDD41CB4BCD36BBD399A5DAC124419D1E827EB511E92F658486C05AFB8C7748B97C1E76FF3BADED749463492ECF491A31A8B84280C65ACDB1C7B0D6DC1EC47C78A4462540615C492362D4837CB4CB9CCB2A7F839A8DA0CCBCC10D4BB2F14C46054D55F8EDF5BBE860D4367D59CA83AD1DBD05692','2026',1);
CREATE TABLE drafts (
	account_id TEXT NOT NULL, 
	member_id TEXT NOT NULL, 
	platform_project_id TEXT NOT NULL, 
	document JSON NOT NULL, 
	PRIMARY KEY (account_id, member_id, platform_project_id)
);
INSERT INTO "drafts" VALUES('id-2','id-3','4294967303','{"platform_project_id":"4294967303","selection":{"modules":["planner"],"add_ons":[]},"target":"new"}');
INSERT INTO "drafts" VALUES('id-24','id-25','4294967303','{"platform_project_id":"4294967303","selection":{"modules":["planner"],"add_ons":[]},"target":"new"}');
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	account_id TEXT, 
	subject TEXT NOT NULL, 
	state TEXT NOT NULL, 
	due_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	fence INTEGER NOT NULL, 
	leased_until DATETIME, 
	problem TEXT, 
	wanted_at DATETIME, 
	wanted_last DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('id-4','refresh_projects:id-2:','refresh_projects','id-2','','done','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-7','refresh_projects:id-2:','refresh_projects','id-2','','done','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-10','check_order:id-2:id-9','check_order','id-2','id-9','done','2026-03-02 12:02:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-11','handle_billing_event::evt_4','handle_billing_event',NULL,'evt_4','done','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-12','handle_billing_event::evt_5','handle_billing_event',NULL,'evt_5','done','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-13','handle_billing_event::evt_6','handle_billing_event',NULL,'evt_6','done','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-14','fulfill_order:id-2:id-9','fulfill_order','id-2','id-9','done','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-20','sync_subscription:id-2:sub_2','sync_subscription','id-2','sub_2','waiting','2026-03-03 12:00:00.000000','2026-03-02 12:00:00.000000',0,0,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-22','check_order:id-2:id-21','check_order','id-2','id-21','waiting','2026-03-02 12:16:00.000000','2026-03-02 12:03:00.000000',0,1,NULL,NULL,NULL,'2026-03-02 12:16:00.000000');
INSERT INTO "jobs" VALUES('id-26','refresh_projects:id-24:','refresh_projects','id-24','','done','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-29','refresh_projects:id-24:','refresh_projects','id-24','','done','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-32','check_order:id-24:id-31','check_order','id-24','id-31','done','2026-03-02 12:05:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-33','handle_billing_event::evt_11','handle_billing_event',NULL,'evt_11','done','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-34','handle_billing_event::evt_12','handle_billing_event',NULL,'evt_12','done','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-35','handle_billing_event::evt_13','handle_billing_event',NULL,'evt_13','done','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-36','fulfill_order:id-24:id-31','fulfill_order','id-24','id-31','done','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',1,1,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-42','sync_subscription:id-24:sub_9','sync_subscription','id-24','sub_9','waiting','2026-03-03 12:03:00.000000','2026-03-02 12:03:00.000000',0,0,NULL,NULL,NULL,NULL);
INSERT INTO "jobs" VALUES('id-45','check_order:id-24:id-44','check_order','id-24','id-44','waiting','2026-03-02 12:08:00.000000','2026-03-02 12:06:00.000000',0,0,NULL,NULL,NULL,NULL);
CREATE TABLE licenses (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	product TEXT NOT NULL, 
	subscription_id TEXT NOT NULL, 
	granted_at DATETIME NOT NULL, 
	ends_at DATETIME, 
	ended_at DATETIME, 
	version INTEGER NOT NULL, 
	document JSON NOT NULL, 
	PRIMARY KEY (account_id, id)
);
INSERT INTO "licenses" VALUES('id-2','id-16','id-15','planner','sub_2','2026-03-02 12:00:00.000000',NULL,NULL,1,'{"id":"id-16","account_id":"id-2","project_id":"id-15","product":"planner","subscription_id":"sub_2","order_id":"id-9","granted_at":"2026-03-02T12:00:00+00:00","coverage":[{"start":"2026-03-02T12:00:00+00:00","end":"2026-04-02T12:00:00+00:00","invoice_id":"in_3","line_id":"in_3_line_1","payment":"paid","failed_at":null,"next_attempt_at":null}],"ends_at":null,"ended_at":null,"paused":false,"version":1}');
INSERT INTO "licenses" VALUES('id-2','id-17','id-15','safety','sub_2','2026-03-02 12:00:00.000000',NULL,NULL,1,'{"id":"id-17","account_id":"id-2","project_id":"id-15","product":"safety","subscription_id":"sub_2","order_id":"id-9","granted_at":"2026-03-02T12:00:00+00:00","coverage":[{"start":"2026-03-02T12:00:00+00:00","end":"2026-04-02T12:00:00+00:00","invoice_id":"in_3","line_id":"in_3_line_2","payment":"paid","failed_at":null,"next_attempt_at":null}],"ends_at":null,"ended_at":null,"paused":false,"version":1}');
INSERT INTO "licenses" VALUES('id-2','id-19','id-18','safety','sub_2','2026-03-02 12:00:00.000000',NULL,NULL,1,'{"id":"id-19","account_id":"id-2","project_id":"id-18","product":"safety","subscription_id":"sub_2","order_id":"id-9","granted_at":"2026-03-02T12:00:00+00:00","coverage":[{"start":"2026-03-02T12:00:00+00:00","end":"2026-04-02T12:00:00+00:00","invoice_id":"in_3","line_id":"in_3_line_2","payment":"paid","failed_at":null,"next_attempt_at":null}],"ends_at":null,"ended_at":null,"paused":false,"version":1}');
INSERT INTO "licenses" VALUES('id-24','id-38','id-37','planner','sub_9','2026-03-02 12:03:00.000000',NULL,NULL,1,'{"id":"id-38","account_id":"id-24","project_id":"id-37","product":"planner","subscription_id":"sub_9","order_id":"id-31","granted_at":"2026-03-02T12:03:00+00:00","coverage":[{"start":"2026-03-02T12:03:00+00:00","end":"2026-04-02T12:03:00+00:00","invoice_id":"in_10","line_id":"in_10_line_1","payment":"paid","failed_at":null,"next_attempt_at":null}],"ends_at":null,"ended_at":null,"paused":false,"version":1}');
INSERT INTO "licenses" VALUES('id-24','id-39','id-37','safety','sub_9','2026-03-02 12:03:00.000000',NULL,NULL,1,'{"id":"id-39","account_id":"id-24","project_id":"id-37","product":"safety","subscription_id":"sub_9","order_id":"id-31","granted_at":"2026-03-02T12:03:00+00:00","coverage":[{"start":"2026-03-02T12:03:00+00:00","end":"2026-04-02T12:03:00+00:00","invoice_id":"in_10","line_id":"in_10_line_2","payment":"paid","failed_at":null,"next_attempt_at":null}],"ends_at":null,"ended_at":null,"paused":false,"version":1}');
INSERT INTO "licenses" VALUES('id-24','id-41','id-40','safety','sub_9','2026-03-02 12:03:00.000000',NULL,NULL,1,'{"id":"id-41","account_id":"id-24","project_id":"id-40","product":"safety","subscription_id":"sub_9","order_id":"id-31","granted_at":"2026-03-02T12:03:00+00:00","coverage":[{"start":"2026-03-02T12:03:00+00:00","end":"2026-04-02T12:03:00+00:00","invoice_id":"in_10","line_id":"in_10_line_2","payment":"paid","failed_at":null,"next_attempt_at":null}],"ends_at":null,"ended_at":null,"paused":false,"version":1}');
CREATE TABLE listings (
	account_id TEXT NOT NULL, 
	installed TEXT NOT NULL, 
	requested_at DATETIME, 
	refreshed_at DATETIME, 
	problem TEXT, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (account_id)
);
INSERT INTO "listings" VALUES('id-2','planner,safety','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000',NULL,4);
INSERT INTO "listings" VALUES('id-24','planner,safety','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000',NULL,4);
CREATE TABLE mappings (
	account_id TEXT NOT NULL, 
	platform_project_id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	linked_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (account_id, platform_project_id)
);
INSERT INTO "mappings" VALUES('id-2','4294967301','id-15','linked','2026-03-02 12:00:00.000000',1);
INSERT INTO "mappings" VALUES('id-2','4294967302','id-18','linked','2026-03-02 12:00:00.000000',1);
INSERT INTO "mappings" VALUES('id-24','4294967301','id-37','linked','2026-03-02 12:03:00.000000',1);
INSERT INTO "mappings" VALUES('id-24','4294967302','id-40','linked','2026-03-02 12:03:00.000000',1);
CREATE TABLE members (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	person_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	role TEXT NOT NULL, 
	joined_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (account_id, id), 
	CONSTRAINT one_member_per_person UNIQUE (account_id, person_id)
);
INSERT INTO "members" VALUES('id-2','id-3','id-1','Dana','dana@example.com','owner','2026-03-02 12:00:00.000000',1);
INSERT INTO "members" VALUES('id-2','id-6','id-5','Dana-Ed','dana-ed@example.com','team_member','2026-03-02 12:00:00.000000',1);
INSERT INTO "members" VALUES('id-24','id-25','id-23','Gwen','gwen@example.com','owner','2026-03-02 12:03:00.000000',1);
INSERT INTO "members" VALUES('id-24','id-28','id-27','Gwen-Ed','gwen-ed@example.com','team_member','2026-03-02 12:03:00.000000',1);
CREATE TABLE notices (
	id TEXT NOT NULL, 
	document JSON NOT NULL, 
	body BLOB NOT NULL, 
	received_at DATETIME NOT NULL, 
	handled_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "notices" VALUES('evt_4','{"id":"evt_4","type":"checkout.session.completed","created_at":"2026-03-02T12:00:00+00:00","checkout_id":"cs_1","order_id":"id-9","subscription_id":"sub_2"}',X'7B226964223A20226576745F34222C202274797065223A2022636865636B6F75742E73657373696F6E2E636F6D706C65746564222C2022637265617465645F6174223A2022323032362D30332D30325431323A30303A30302B30303A3030222C2022636865636B6F75745F6964223A202263735F31222C20226F726465725F6964223A202269642D39222C2022737562736372697074696F6E5F6964223A20227375625F32227D','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000');
INSERT INTO "notices" VALUES('evt_5','{"id":"evt_5","type":"customer.subscription.created","created_at":"2026-03-02T12:00:00+00:00","checkout_id":null,"order_id":"id-9","subscription_id":"sub_2"}',X'7B226964223A20226576745F35222C202274797065223A2022637573746F6D65722E737562736372697074696F6E2E63726561746564222C2022637265617465645F6174223A2022323032362D30332D30325431323A30303A30302B30303A3030222C2022636865636B6F75745F6964223A206E756C6C2C20226F726465725F6964223A202269642D39222C2022737562736372697074696F6E5F6964223A20227375625F32227D','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000');
INSERT INTO "notices" VALUES('evt_6','{"id":"evt_6","type":"invoice.paid","created_at":"2026-03-02T12:00:00+00:00","checkout_id":null,"order_id":"id-9","subscription_id":"sub_2"}',X'7B226964223A20226576745F36222C202274797065223A2022696E766F6963652E70616964222C2022637265617465645F6174223A2022323032362D30332D30325431323A30303A30302B30303A3030222C2022636865636B6F75745F6964223A206E756C6C2C20226F726465725F6964223A202269642D39222C2022737562736372697074696F6E5F6964223A20227375625F32227D','2026-03-02 12:00:00.000000','2026-03-02 12:00:00.000000');
INSERT INTO "notices" VALUES('evt_11','{"id":"evt_11","type":"checkout.session.completed","created_at":"2026-03-02T12:03:00+00:00","checkout_id":"cs_8","order_id":"id-31","subscription_id":"sub_9"}',X'7B226964223A20226576745F3131222C202274797065223A2022636865636B6F75742E73657373696F6E2E636F6D706C65746564222C2022637265617465645F6174223A2022323032362D30332D30325431323A30333A30302B30303A3030222C2022636865636B6F75745F6964223A202263735F38222C20226F726465725F6964223A202269642D3331222C2022737562736372697074696F6E5F6964223A20227375625F39227D','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000');
INSERT INTO "notices" VALUES('evt_12','{"id":"evt_12","type":"customer.subscription.created","created_at":"2026-03-02T12:03:00+00:00","checkout_id":null,"order_id":"id-31","subscription_id":"sub_9"}',X'7B226964223A20226576745F3132222C202274797065223A2022637573746F6D65722E737562736372697074696F6E2E63726561746564222C2022637265617465645F6174223A2022323032362D30332D30325431323A30333A30302B30303A3030222C2022636865636B6F75745F6964223A206E756C6C2C20226F726465725F6964223A202269642D3331222C2022737562736372697074696F6E5F6964223A20227375625F39227D','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000');
INSERT INTO "notices" VALUES('evt_13','{"id":"evt_13","type":"invoice.paid","created_at":"2026-03-02T12:03:00+00:00","checkout_id":null,"order_id":"id-31","subscription_id":"sub_9"}',X'7B226964223A20226576745F3133222C202274797065223A2022696E766F6963652E70616964222C2022637265617465645F6174223A2022323032362D30332D30325431323A30333A30302B30303A3030222C2022636865636B6F75745F6964223A206E756C6C2C20226F726465725F6964223A202269642D3331222C2022737562736372697074696F6E5F6964223A20227375625F39227D','2026-03-02 12:03:00.000000','2026-03-02 12:03:00.000000');
CREATE TABLE order_claims (
	account_id TEXT NOT NULL, 
	order_id TEXT NOT NULL, 
	platform_project_id TEXT NOT NULL, 
	product TEXT NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	PRIMARY KEY (account_id, order_id, platform_project_id, product)
);
INSERT INTO "order_claims" VALUES('id-2','id-9','4294967301','planner',0);
INSERT INTO "order_claims" VALUES('id-2','id-9','4294967302','safety',0);
INSERT INTO "order_claims" VALUES('id-2','id-9','4294967301','safety',0);
INSERT INTO "order_claims" VALUES('id-2','id-21','4294967303','planner',1);
INSERT INTO "order_claims" VALUES('id-24','id-31','4294967301','planner',0);
INSERT INTO "order_claims" VALUES('id-24','id-31','4294967302','safety',0);
INSERT INTO "order_claims" VALUES('id-24','id-31','4294967301','safety',0);
INSERT INTO "order_claims" VALUES('id-24','id-44','4294967303','planner',1);
CREATE TABLE orders (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	member_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	checkout_id TEXT, 
	version INTEGER NOT NULL, 
	document JSON NOT NULL, 
	PRIMARY KEY (account_id, id), 
	CONSTRAINT one_order_per_checkout UNIQUE (account_id, checkout_id)
);
INSERT INTO "orders" VALUES('id-2','id-9','id-3','fulfilled',0,'2026-03-02 12:00:00.000000','cs_1',4,'{"id":"id-9","account_id":"id-2","member_id":"id-3","profile_id":"id-8","quote":{"interval":"month","lines":[{"product":"planner","quantity":1,"unit_cents":29500},{"product":"safety","quantity":2,"unit_cents":59500}],"left_out":[]},"items":[{"platform_project_id":"4294967301","name":"TOTTENVILLE HS – Ünïcode","number":"N0000","selection":{"modules":["planner","safety"],"add_ons":[]},"target":"new"},{"platform_project_id":"4294967302","name":"FLUSHING HS","number":"N0001","selection":{"modules":["safety"],"add_ons":[]},"target":"new"}],"price_book_version":1,"fingerprint":"63cdfdd498da75f08255ec457f5b987bd694787fc990a73a9d3ba4e46cffe1c5","created_at":"2026-03-02T12:00:00+00:00","state":"fulfilled","checkout":{"id":"cs_1","url":"https://pay.test/cs_1","expires_at":"2026-03-02T13:00:00+00:00"},"subscription_id":"sub_2","closed_because":null,"not_bought":[],"version":4}');
INSERT INTO "orders" VALUES('id-2','id-21','id-3','awaiting_payment',1,'2026-03-02 12:03:00.000000','cs_7',2,'{"id":"id-21","account_id":"id-2","member_id":"id-3","profile_id":"id-8","quote":{"interval":"year","lines":[{"product":"planner","quantity":1,"unit_cents":354000}],"left_out":[]},"items":[{"platform_project_id":"4294967303","name":"FLUSHING HS","number":"N0002","selection":{"modules":["planner"],"add_ons":[]},"target":"new"}],"price_book_version":1,"fingerprint":"c09042da49b13a84952728865962e4d68cb312e254aaf686cd13a4f53544d0a5","created_at":"2026-03-02T12:03:00+00:00","state":"awaiting_payment","checkout":{"id":"cs_7","url":"https://pay.test/cs_7","expires_at":"2026-03-02T13:03:00+00:00"},"subscription_id":null,"closed_because":null,"not_bought":[],"version":2}');
INSERT INTO "orders" VALUES('id-24','id-31','id-25','fulfilled',0,'2026-03-02 12:03:00.000000','cs_8',4,'{"id":"id-31","account_id":"id-24","member_id":"id-25","profile_id":"id-30","quote":{"interval":"month","lines":[{"product":"planner","quantity":1,"unit_cents":29500},{"product":"safety","quantity":2,"unit_cents":59500}],"left_out":[]},"items":[{"platform_project_id":"4294967301","name":"TOTTENVILLE HS – Ünïcode","number":"N0000","selection":{"modules":["planner","safety"],"add_ons":[]},"target":"new"},{"platform_project_id":"4294967302","name":"FLUSHING HS","number":"N0001","selection":{"modules":["safety"],"add_ons":[]},"target":"new"}],"price_book_version":1,"fingerprint":"63cdfdd498da75f08255ec457f5b987bd694787fc990a73a9d3ba4e46cffe1c5","created_at":"2026-03-02T12:03:00+00:00","state":"fulfilled","checkout":{"id":"cs_8","url":"https://pay.test/cs_8","expires_at":"2026-03-02T13:03:00+00:00"},"subscription_id":"sub_9","closed_because":null,"not_bought":[],"version":4}');
INSERT INTO "orders" VALUES('id-24','id-44','id-25','awaiting_payment',1,'2026-03-02 12:06:00.000000','cs_14',2,'{"id":"id-44","account_id":"id-24","member_id":"id-25","profile_id":"id-30","quote":{"interval":"year","lines":[{"product":"planner","quantity":1,"unit_cents":354000}],"left_out":[]},"items":[{"platform_project_id":"4294967303","name":"FLUSHING HS","number":"N0002","selection":{"modules":["planner"],"add_ons":[]},"target":"new"}],"price_book_version":1,"fingerprint":"c09042da49b13a84952728865962e4d68cb312e254aaf686cd13a4f53544d0a5","created_at":"2026-03-02T12:06:00+00:00","state":"awaiting_payment","checkout":{"id":"cs_14","url":"https://pay.test/cs_14","expires_at":"2026-03-02T13:06:00+00:00"},"subscription_id":null,"closed_because":null,"not_bought":[],"version":2}');
CREATE TABLE people (
	id TEXT NOT NULL, 
	platform TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	platform_user_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT one_person_per_platform_user UNIQUE (platform, environment, platform_user_id)
);
INSERT INTO "people" VALUES('id-1','procore','production','dana','Dana','dana@example.com');
INSERT INTO "people" VALUES('id-5','procore','production','dana-ed','Dana-Ed','dana-ed@example.com');
INSERT INTO "people" VALUES('id-23','procore','production','gwen','Gwen','gwen@example.com');
INSERT INTO "people" VALUES('id-27','procore','production','gwen-ed','Gwen-Ed','gwen-ed@example.com');
CREATE TABLE platform_projects (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	number TEXT, 
	city TEXT, 
	active BOOLEAN NOT NULL, 
	apps TEXT NOT NULL, 
	created_at DATETIME, 
	folded_name TEXT NOT NULL, 
	folded_number TEXT NOT NULL, 
	search TEXT NOT NULL, 
	PRIMARY KEY (account_id, id)
);
INSERT INTO "platform_projects" VALUES('id-2','4294967301','TOTTENVILLE HS – Ünïcode','N0000','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','tottenville hs – unicode','n0000','tottenville hs – unicode
n0000
austin');
INSERT INTO "platform_projects" VALUES('id-2','4294967302','FLUSHING HS','N0001','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','flushing hs','n0001','flushing hs
n0001
austin');
INSERT INTO "platform_projects" VALUES('id-2','4294967303','FLUSHING HS','N0002','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','flushing hs','n0002','flushing hs
n0002
austin');
INSERT INTO "platform_projects" VALUES('id-2','4294967304','P.S. 26','N0003','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','p.s. 26','n0003','p.s. 26
n0003
austin');
INSERT INTO "platform_projects" VALUES('id-24','4294967301','TOTTENVILLE HS – Ünïcode','N0000','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','tottenville hs – unicode','n0000','tottenville hs – unicode
n0000
austin');
INSERT INTO "platform_projects" VALUES('id-24','4294967302','FLUSHING HS','N0001','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','flushing hs','n0001','flushing hs
n0001
austin');
INSERT INTO "platform_projects" VALUES('id-24','4294967303','FLUSHING HS','N0002','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','flushing hs','n0002','flushing hs
n0002
austin');
INSERT INTO "platform_projects" VALUES('id-24','4294967304','P.S. 26','N0003','Austin',1,'planner,safety','2026-03-02 12:00:00.000000','p.s. 26','n0003','p.s. 26
n0003
austin');
CREATE TABLE profiles (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT NOT NULL, 
	customer_id TEXT, 
	is_default BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (account_id, id)
);
INSERT INTO "profiles" VALUES('id-2','id-8','Company 77','dana@example.com','cus_1',1,2);
INSERT INTO "profiles" VALUES('id-24','id-30','Company 88','gwen@example.com','cus_2',1,2);
CREATE TABLE projects (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	number TEXT, 
	created_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, 
	folded_name TEXT NOT NULL, 
	folded_number TEXT NOT NULL, 
	search TEXT NOT NULL, 
	PRIMARY KEY (account_id, id)
);
INSERT INTO "projects" VALUES('id-2','id-15','TOTTENVILLE HS – Ünïcode','N0000','2026-03-02 12:00:00.000000',1,'tottenville hs – unicode','n0000','tottenville hs – unicode
n0000');
INSERT INTO "projects" VALUES('id-2','id-18','FLUSHING HS','N0001','2026-03-02 12:00:00.000000',1,'flushing hs','n0001','flushing hs
n0001');
INSERT INTO "projects" VALUES('id-24','id-37','TOTTENVILLE HS – Ünïcode','N0000','2026-03-02 12:03:00.000000',1,'tottenville hs – unicode','n0000','tottenville hs – unicode
n0000');
INSERT INTO "projects" VALUES('id-24','id-40','FLUSHING HS','N0001','2026-03-02 12:03:00.000000',1,'flushing hs','n0001','flushing hs
n0001');
CREATE TABLE sessions (
	id TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	document JSON NOT NULL, 
	sealed_grant BLOB, 
	key_id TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "sessions" VALUES('hash-of-danas-cookie','2026-03-03 00:03:00.000000','{"id":"hash-of-danas-cookie","expires_at":"2026-03-03T00:03:00+00:00","person_id":"id-1","account_id":"id-2","state":null,"app":null,"grant":null,"companies":[],"wanted":null,"next_path":null}',NULL,NULL);
INSERT INTO "sessions" VALUES('hash-of-danas-other-cookie','2026-03-03 00:03:00.000000','{"id":"hash-of-danas-other-cookie","expires_at":"2026-03-03T00:03:00+00:00","person_id":"id-1","account_id":null,"state":"oauth-state","app":"planner","grant":null,"companies":[["77","Company"]],"wanted":null,"next_path":null}',X'F861D8A26A5A41EE094AFEAD118DCB8DA91EC4D944314AA7CB729DF2C0CB9990E00B2DAB32FF6AD8D7137EB0D420774AEEC29AB0DC8EDB475AAD17DDE4702A51414FE7CD3E3760BB161A08A4979A3C61EF42DD8CE8712C15AC6A669139CB1A13442539356496A67791C14F7961B1C9E3815B2F5ECE1D946A92EAC9C369CFC3C2AFD8CA4D5BD31AD088D2','2026');
INSERT INTO "sessions" VALUES('hash-of-gwens-cookie','2026-03-03 00:06:00.000000','{"id":"hash-of-gwens-cookie","expires_at":"2026-03-03T00:06:00+00:00","person_id":"id-23","account_id":"id-24","state":null,"app":null,"grant":null,"companies":[],"wanted":null,"next_path":null}',NULL,NULL);
INSERT INTO "sessions" VALUES('hash-of-gwens-other-cookie','2026-03-03 00:06:00.000000','{"id":"hash-of-gwens-other-cookie","expires_at":"2026-03-03T00:06:00+00:00","person_id":"id-23","account_id":null,"state":"oauth-state","app":"planner","grant":null,"companies":[["88","Company"]],"wanted":null,"next_path":null}',X'B699C0E1858D3DA46665967A87B7E3DBE184D791C6E52EF14A2356F240FD94F1430F64C6C1184C250E9FF05A81EF8F3D28DA043484B4588F8C6CE7FF85C786BD35C3136A92DF5D017BF1A9DB46EE857819D860C8AB9B4BB0A870931C850EF8B741CADA297063499782036660FD44468D8B3A591539CD07AB3B5BA257933D25C77A58C08F1283E6BCBCF2','2026');
CREATE TABLE subscriptions (
	account_id TEXT NOT NULL, 
	id TEXT NOT NULL, 
	as_of DATETIME NOT NULL, 
	document JSON NOT NULL, 
	PRIMARY KEY (account_id, id)
);
INSERT INTO "subscriptions" VALUES('id-2','sub_2','2026-03-02 12:00:00.000000','{"id":"sub_2","customer_id":"cus_1","status":"active","interval":"month","items":[{"product":"planner","quantity":1,"unit_cents":29500,"period_start":"2026-03-02T12:00:00+00:00","period_end":"2026-04-02T12:00:00+00:00"},{"product":"safety","quantity":2,"unit_cents":59500,"period_start":"2026-03-02T12:00:00+00:00","period_end":"2026-04-02T12:00:00+00:00"}],"invoices":[{"id":"in_3","number":"IN_3","status":"paid","total_cents":148500,"created_at":"2026-03-02T12:00:00+00:00","lines":[{"id":"in_3_line_1","product":"planner","quantity":1,"amount_cents":29500,"period_start":"2026-03-02T12:00:00+00:00","period_end":"2026-04-02T12:00:00+00:00","is_proration":false},{"id":"in_3_line_2","product":"safety","quantity":2,"amount_cents":119000,"period_start":"2026-03-02T12:00:00+00:00","period_end":"2026-04-02T12:00:00+00:00","is_proration":false}],"failed_at":null,"next_attempt_at":null,"hosted_url":"https://pay.test/in_3","pdf_url":"https://pay.test/in_3.pdf"}],"as_of":"2026-03-02T12:00:00+00:00","cancel_at":null,"ended_at":null,"order_id":"id-9"}');
INSERT INTO "subscriptions" VALUES('id-24','sub_9','2026-03-02 12:03:00.000000','{"id":"sub_9","customer_id":"cus_2","status":"active","interval":"month","items":[{"product":"planner","quantity":1,"unit_cents":29500,"period_start":"2026-03-02T12:03:00+00:00","period_end":"2026-04-02T12:03:00+00:00"},{"product":"safety","quantity":2,"unit_cents":59500,"period_start":"2026-03-02T12:03:00+00:00","period_end":"2026-04-02T12:03:00+00:00"}],"invoices":[{"id":"in_10","number":"IN_10","status":"paid","total_cents":148500,"created_at":"2026-03-02T12:03:00+00:00","lines":[{"id":"in_10_line_1","product":"planner","quantity":1,"amount_cents":29500,"period_start":"2026-03-02T12:03:00+00:00","period_end":"2026-04-02T12:03:00+00:00","is_proration":false},{"id":"in_10_line_2","product":"safety","quantity":2,"amount_cents":119000,"period_start":"2026-03-02T12:03:00+00:00","period_end":"2026-04-02T12:03:00+00:00","is_proration":false}],"failed_at":null,"next_attempt_at":null,"hosted_url":"https://pay.test/in_10","pdf_url":"https://pay.test/in_10.pdf"}],"as_of":"2026-03-02T12:03:00+00:00","cancel_at":null,"ended_at":null,"order_id":"id-31"}');
CREATE INDEX drafts_by_project ON drafts (account_id, platform_project_id);
CREATE INDEX jobs_by_creation ON jobs (state, created_at);
CREATE INDEX jobs_by_due ON jobs (state, due_at, id);
CREATE UNIQUE INDEX one_waiting_job_per_key ON jobs ("key") WHERE state = 'waiting';
CREATE INDEX licenses_by_project ON licenses (account_id, project_id, product, ends_at, ended_at);
CREATE INDEX licenses_by_subscription ON licenses (account_id, subscription_id);
CREATE UNIQUE INDEX one_lasting_license_per_product ON licenses (account_id, project_id, product) WHERE ends_at IS NULL AND ended_at IS NULL;
CREATE INDEX mappings_by_project ON mappings (account_id, project_id, state, platform_project_id);
CREATE UNIQUE INDEX one_live_link_per_project ON mappings (account_id, project_id) WHERE state IN ('linked', 'disconnected');
CREATE INDEX members_by_person ON members (person_id);
CREATE UNIQUE INDEX one_open_order_per_product ON order_claims (account_id, platform_project_id, product) WHERE is_open;
CREATE INDEX order_claims_by_project ON order_claims (account_id, platform_project_id);
CREATE INDEX orders_by_age ON orders (account_id, is_open, created_at);
CREATE INDEX orders_by_id ON orders (id);
CREATE INDEX platform_projects_by_name ON platform_projects (account_id, folded_name, folded_number, id);
CREATE UNIQUE INDEX one_default_profile ON profiles (account_id) WHERE is_default;
CREATE INDEX projects_by_name ON projects (account_id, folded_name, folded_number, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX subscriptions_by_id ON subscriptions (id);
COMMIT;
