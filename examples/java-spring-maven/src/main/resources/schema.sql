create table if not exists item (
    name varchar(80) primary key,
    amount int not null,
    good_until date
);
