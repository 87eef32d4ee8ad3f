; Definitions of C#: namespaces, types and their members.
[(comment) (attribute_list)] @attached

(namespace_declaration name: [(identifier) (qualified_name)] @name) @container.namespace
(class_declaration name: (identifier) @name) @container.class
(struct_declaration name: (identifier) @name) @container.struct
(record_declaration name: (identifier) @name) @container.record
(interface_declaration name: (identifier) @name) @container.interface
(enum_declaration name: (identifier) @name) @container.enum
(delegate_declaration name: (identifier) @name) @definition.delegate
(method_declaration name: (identifier) @name) @definition.method
(local_function_statement name: (identifier) @name) @definition.function
(constructor_declaration name: (identifier) @name) @definition.constructor
(destructor_declaration name: (identifier) @name) @definition.method
(property_declaration name: (identifier) @name) @definition.property
(event_declaration name: (identifier) @name) @member.event
(enum_member_declaration name: (identifier) @name) @member.constant
(field_declaration (variable_declaration
  (variable_declarator name: (identifier) @name))) @member.field
(event_field_declaration (variable_declaration
  (variable_declarator name: (identifier) @name))) @member.event
(file_scoped_namespace_declaration
  name: [(identifier) (qualified_name)] @name) @heading.namespace
