-- The statements of one claim and one finish of the ledger, for pgbench -M prepared, one log per client.
\set k random(1, 3)
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT epoch, seq, (SELECT reconciling FROM meta) AS reconciling FROM log WHERE log = 'bench-' || :client_id FOR UPDATE \gset
\set seq :seq + 1
SELECT a.attempt, a.number, p.production, p.request, p.product, p.batch, p.stock FROM attempt a JOIN production p ON p.production = a.production WHERE a.line = 'bench-' || :client_id AND a.cell = 'cell-1' AND a.state = 'claimed' AND NOT EXISTS (SELECT 1 FROM intent i WHERE i.attempt = a.attempt AND i.open = 1) ORDER BY a.started LIMIT 1;
SELECT c.class, p.production, p.remake, p.due, p.approved FROM queue_class c JOIN production p ON p.production = (SELECT production FROM production WHERE state = 'queued' AND product = c.product AND stock = c.stock AND class = c.class ORDER BY remake DESC, due, production LIMIT 1) WHERE c.product = 'bench' AND c.stock = 'id1';
SELECT production, class, (SELECT MAX(c.number) FROM attempt c WHERE c.production = production.production) AS last FROM production WHERE state = 'queued' AND product = 'bench' AND stock = 'id1' AND class = (ARRAY['normal', 'urgent', 'vip'])[:k] ORDER BY remake DESC, due, production LIMIT 1 FOR UPDATE SKIP LOCKED \gset
UPDATE log SET seq = :seq WHERE log = 'bench-' || :client_id;
UPDATE production SET state = 'claimed', reason = NULL, since = 1 WHERE production = :production AND state = 'queued';
INSERT INTO attempt (attempt, production, number, line, cell, epoch, state, started) VALUES (:production || '.1', :production, 1, 'bench-' || :client_id, 'cell-1', 1, 'claimed', 1);
INSERT INTO served (product, class, count) VALUES ('bench', :class, 1) ON CONFLICT (product, class) DO UPDATE SET count = served.count + 1;
SELECT nextval('tick') AS tick FROM generate_series(1, 1) \gset
INSERT INTO journal (log, seq, tick, epoch, kind, kind_version, wall, boot, mono, actor, subjects, cause, body, leaf) VALUES ('bench-' || :client_id, :seq, :tick, 1, 'attempt.begun', 1, 1, '00000000-0000-0000-0000-000000000000', 1, 'bench', convert_to('["P10000.1","P10000"]', 'UTF8'), NULL, convert_to('{"cell":"cell-1","class":"normal","number":1,"product":"bench"}', 'UTF8'), sha256('x'));
COMMIT;
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT epoch, seq FROM log WHERE log = 'bench-' || :client_id FOR UPDATE \gset
\set seq :seq + 2
UPDATE log SET seq = :seq WHERE log = 'bench-' || :client_id;
UPDATE attempt SET state = 'dropped', reason = NULL, ended = 1, epoch = 1 WHERE attempt = :production || '.1' AND state NOT IN ('produced','spoiled','dropped','voided');
SELECT 1 FROM production WHERE production = :production FOR UPDATE;
SELECT (SELECT reason FROM stopped WHERE production = :production) AS reason, (SELECT COUNT(*) FROM person_hold WHERE production = :production) AS held;
UPDATE production SET state = 'held', reason = 'bench', since = 1, remake = CASE WHEN 0 = 1 THEN 1 ELSE remake END WHERE production = :production AND state NOT IN ('produced', 'withdrawn');
SELECT MIN(tick) AS tick, MAX(tick) AS tock FROM (SELECT nextval('tick') AS tick FROM generate_series(1, 2)) AS ticks \gset
INSERT INTO journal (log, seq, tick, epoch, kind, kind_version, wall, boot, mono, actor, subjects, cause, body, leaf) VALUES ('bench-' || :client_id, :seq - 1, :tick, 1, 'attempt.state', 1, 1, '00000000-0000-0000-0000-000000000000', 1, 'bench', convert_to('["P10000.1"]', 'UTF8'), NULL, convert_to('{"state":"dropped"}', 'UTF8'), sha256('x')), ('bench-' || :client_id, :seq, :tock, 1, 'record.state', 1, 1, '00000000-0000-0000-0000-000000000000', 1, 'bench', convert_to('["P10000"]', 'UTF8'), NULL, convert_to('{"reason":"bench","state":"held"}', 'UTF8'), sha256('x'));
COMMIT;
