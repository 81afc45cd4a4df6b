BEGIN TRANSACTION;
CREATE TABLE api_keys (
	hash VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	brand VARCHAR(64), 
	label TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (hash), 
	FOREIGN KEY(brand) REFERENCES brands (id)
);
INSERT INTO "api_keys" VALUES('0000000000000000000000000000000000000000000000000000000000000000','brand','acme','their team','2026-11-24 14:04:37.565646');
CREATE TABLE brand_references (
	brand VARCHAR(64) NOT NULL, 
	id VARCHAR(16) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	format VARCHAR(16) NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	fingerprint VARCHAR(16) NOT NULL, 
	sharpness FLOAT NOT NULL, 
	added DATETIME NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (brand, id), 
	UNIQUE (brand, sha256), 
	FOREIGN KEY(brand) REFERENCES brands (id)
);
INSERT INTO "brand_references" VALUES('acme','a8875cb85d551049','a8875cb85d55104981f928cae87778eae53edb8b4d6e76bd66843bcb8fbb8ba7','mark1-0.jpg','jpeg',200,200,'2fac3a5e425096ed',1.34537470340728759765e+00,'2026-11-24 14:04:37.515008',1);
INSERT INTO "brand_references" VALUES('zenith','60d32fa125416462','60d32fa125416462688451562186a6b24ebd065b252375895ff0dbfa0069e938','mark2-0.jpg','jpeg',200,200,'7d0207cbed7e8590',1.43119347095489501953e+00,'2026-11-24 14:04:37.533971',1);
CREATE TABLE brands (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "brands" VALUES('acme','Acme Inc.','2026-11-24 14:04:37.455372');
INSERT INTO "brands" VALUES('zenith','zenith','2026-11-24 14:04:37.462088');
CREATE TABLE inspections (
	id VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	listing_id TEXT, 
	verdict TEXT NOT NULL, 
	evidence_sha256 VARCHAR(64), 
	PRIMARY KEY (id)
);
INSERT INTO "inspections" VALUES('inspection-1','2026-11-24 14:04:37.549749','L-7','{"decision": "divergent"}','2cea274d0bedc39ec4ab6ba9e59ec889e3ed6fb56a1cf088a64d9b383378dc97');
CREATE TABLE store_state (
	"row" INTEGER NOT NULL, 
	store_id VARCHAR(32) NOT NULL, 
	schema_version INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY ("row")
);
INSERT INTO "store_state" VALUES(1,'5af82893986f41dfab71fb23c87743b6',1,5);
CREATE INDEX ix_inspections_created ON inspections (created);
CREATE INDEX ix_inspections_evidence_sha256 ON inspections (evidence_sha256);
CREATE INDEX ix_inspections_listing_id ON inspections (listing_id);
CREATE INDEX ix_brand_references_sha256 ON brand_references (sha256);
COMMIT;
