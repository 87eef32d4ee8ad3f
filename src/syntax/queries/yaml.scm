; The keys of the outermost two mappings of YAML.
(comment) @attached

(document (block_node (block_mapping (block_mapping_pair key: (_) @name) @container.key)))
(document (block_node (block_mapping (block_mapping_pair value: (block_node (block_mapping
  (block_mapping_pair key: (_) @name) @container.key))))))
