BEGIN TRANSACTION;
CREATE TABLE alias (
	tenant TEXT NOT NULL, 
	customer TEXT NOT NULL, 
	"of" TEXT NOT NULL, 
	PRIMARY KEY (tenant, customer)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "alias" VALUES('default','c3','c1');
CREATE TABLE dead (
	tenant TEXT NOT NULL, 
	journey TEXT NOT NULL, 
	source TEXT NOT NULL, 
	id TEXT NOT NULL, 
	by_source TEXT NOT NULL, 
	by_id TEXT NOT NULL, 
	recorded INTEGER NOT NULL, 
	PRIMARY KEY (tenant, journey, source, id, by_source, by_id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "dead" VALUES('default','stay-2','','v7','','',1767268807000000);
CREATE TABLE event (
	tenant TEXT NOT NULL, 
	journey TEXT NOT NULL, 
	source TEXT NOT NULL, 
	id TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	recorded INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (tenant, journey, source, id, n)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "event" VALUES('default','stay-1','','f1',0,1767268804000000,1,'{"touchpoint":"hotel.front_desk","readings":[{"factor":"speed","delivered":0.6,"anticipated":0.8333333333333334,"basis":"asked"},{"factor":"courtesy","delivered":1.0,"tolerance":0.125}]}');
INSERT INTO "event" VALUES('default','stay-1','','v2',0,1767268803000000,1,'{"touchpoint":"hotel.valet","delivered":0.9,"at":1767268802000000,"recovers":{"source":"pms","id":"v1"}}');
INSERT INTO "event" VALUES('default','stay-1','pms','v1',0,1767268802000000,1,'{"touchpoint":"hotel.valet","anticipated":0.8,"basis":"promised","delivered":0.5,"at":1767268801000000}');
INSERT INTO "event" VALUES('default','stay-2','','v1',0,1767268805000000,1,'{"touchpoint":"hotel.valet","delivered":0.9}');
INSERT INTO "event" VALUES('default','stay-2','','v1',1,1767268806000000,1,'{"touchpoint":"hotel.valet","delivered":0.8}');
CREATE TABLE guest (
	tenant TEXT NOT NULL, 
	journey TEXT NOT NULL, 
	customer TEXT NOT NULL, 
	PRIMARY KEY (tenant, journey, customer)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "guest" VALUES('default','stay-1','c2');
CREATE TABLE journey (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	ref TEXT NOT NULL, 
	type TEXT, 
	state TEXT NOT NULL, 
	customer TEXT, 
	site TEXT, 
	opened INTEGER NOT NULL, 
	touched INTEGER NOT NULL, 
	ended INTEGER, 
	facts TEXT, 
	entangled INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	weight INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	par INTEGER NOT NULL, 
	squares INTEGER NOT NULL, 
	delivered INTEGER NOT NULL, 
	known INTEGER NOT NULL, 
	PRIMARY KEY (tenant, id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "journey" VALUES('default','stay-1','a1b2','stay','closed','c1','lake',1767268801000000,1767268804000000,1767268808000000,'{"plan": [{"name": "hotel.valet"}, {"name": "hotel.spa"}], "feedback": {"csat": 4.0}}',1,2,200,1206500,1591700,1156615200,1300000,100);
INSERT INTO "journey" VALUES('default','stay-2','20d2ba48d8432a64',NULL,'open',NULL,NULL,1767268805000000,1767268807000000,NULL,NULL,1,1,100,811200,700000,123654400,800000,0);
CREATE TABLE kept (
	tenant TEXT NOT NULL, 
	site TEXT NOT NULL, 
	type TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	weight INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	par INTEGER NOT NULL, 
	squares INTEGER NOT NULL, 
	delivered INTEGER NOT NULL, 
	known INTEGER NOT NULL, 
	PRIMARY KEY (tenant, site, type)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE policy (
	fingerprint TEXT NOT NULL, 
	content TEXT NOT NULL, 
	PRIMARY KEY (fingerprint)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "policy" VALUES('920b552880d1f3b9','{"format": "journeyscore/policy/1", "model": 1}');
CREATE TABLE score (
	tenant TEXT NOT NULL, 
	journey TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	recorded INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	model INTEGER NOT NULL, 
	policy TEXT NOT NULL, 
	verdict TEXT, 
	count INTEGER NOT NULL, 
	weight INTEGER NOT NULL, 
	value INTEGER NOT NULL, 
	par INTEGER NOT NULL, 
	squares INTEGER NOT NULL, 
	delivered INTEGER NOT NULL, 
	known INTEGER NOT NULL, 
	PRIMARY KEY (tenant, journey, n)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "score" VALUES('default','stay-1',0,1767268810000000,'closed',1,'920b552880d1f3b9','dissatisfied',3,300,1206500,2341700,6781615200,1300000,100);
CREATE TABLE setting (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "setting" VALUES('policy','920b552880d1f3b9');
INSERT INTO "setting" VALUES('secret','b32840d2a256846a40d24492374b5f3c');
INSERT INTO "setting" VALUES('version','1');
CREATE TABLE tombstone (
	tenant TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (tenant, digest)
)
 WITHOUT ROWID,
 STRICT

;
CREATE INDEX journey_of_customer ON journey (tenant, customer);
CREATE INDEX journey_open ON journey (tenant, id) WHERE state = 'open';
COMMIT;
