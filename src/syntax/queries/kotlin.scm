; Definitions of Kotlin: types and their members, functions, properties.
[(line_comment) (block_comment)] @attached

(class_declaration name: (identifier) @name) @container.class
(object_declaration name: (identifier) @name) @container.object
(companion_object name: (identifier) @name) @container.object
(function_declaration name: (identifier) @name) @definition.function
(type_alias type: (identifier) @name) @definition.type
(enum_entry (identifier) @name) @member.constant
(source_file (property_declaration (variable_declaration (identifier) @name)) @definition.property)
(class_body (property_declaration (variable_declaration (identifier) @name)) @member.property)
