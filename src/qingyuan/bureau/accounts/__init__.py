"""用户、机构与区域: people, roles, bodies and areas, and who may do what where."""
