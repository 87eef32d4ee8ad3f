; Tables of TOML and the keys in them.
(comment) @attached

[(table . (_) @name) (table_array_element . (_) @name)] @container.table
(document (pair . (_) @name) @container.key)
(table (pair . (_) @name) @member.key)
