"""A rule over two tables, kept by a trigger at commit: an approved snippet cites at least one source.

Deferred, so that one transaction may exchange all citations of a snippet.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION content_require_citation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint := CASE WHEN TG_TABLE_NAME = 'content_snippet' THEN (to_jsonb(NEW)->>'id')::bigint
                           ELSE (to_jsonb(OLD)->>'snippet_id')::bigint END;
BEGIN
    IF EXISTS (SELECT 1 FROM content_snippet WHERE id = checked AND status = 'approved')
       AND NOT EXISTS (SELECT 1 FROM content_citation WHERE snippet_id = checked) THEN
        RAISE EXCEPTION 'approved_snippets_cite_a_source: snippet % has none', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_snippets_cite_a_source';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER approved_snippets_cite_a_source
    AFTER INSERT OR UPDATE OF status ON content_snippet
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION content_require_citation();

CREATE CONSTRAINT TRIGGER approved_snippets_keep_a_source
    AFTER DELETE OR UPDATE OF snippet_id ON content_citation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION content_require_citation();
"""

DROP = """
DROP TRIGGER approved_snippets_keep_a_source ON content_citation;
DROP TRIGGER approved_snippets_cite_a_source ON content_snippet;
DROP FUNCTION content_require_citation();
"""


class Migration(migrations.Migration):
    dependencies = [("content", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
