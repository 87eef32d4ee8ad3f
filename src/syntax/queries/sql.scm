; What SQL creates.
[(comment) (marginalia)] @attached

(create_table (object_reference) @name) @definition.table
(create_view [(keyword_view) (keyword_exists)] . (object_reference) @name) @definition.view
(create_materialized_view
  [(keyword_view) (keyword_exists)] . (object_reference) @name) @definition.view
(create_function [(keyword_function) (keyword_exists)] . (object_reference) @name
  ) @definition.function
(create_trigger (keyword_trigger) . (object_reference) @name) @definition.trigger
(create_type (keyword_type) . (object_reference) @name) @definition.type
(create_sequence [(keyword_sequence) (keyword_exists)] . (object_reference) @name
  ) @definition.sequence
(create_index [(keyword_index) (keyword_exists)] . (identifier) @name) @definition.index
(create_schema [(keyword_schema) (keyword_exists)] . (identifier) @name) @definition.schema
(create_database name: (identifier) @name) @definition.database
