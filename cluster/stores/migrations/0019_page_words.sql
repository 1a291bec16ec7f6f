-- What stands on each page, so that finding words in a document reads its rows and not its files.

alter table document_page add column body text; -- Null until it is done, and where it was read before this was kept.
